# Sourced by the commands beside it, which set $root and $needs (a requirements file).
# Finds a Python that is new enough, lets it make the virtualenv, and leaves $python and a tidy environment.

find_python() {
    for candidate in "$venv/bin/python" python3 python3.13 python3.12 python3.11 python3.14 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            echo "$candidate"
            return 0
        fi
    done
    return 1
}

case ${OPS_VENV:=$root/.venv} in
    /*) venv=$OPS_VENV ;;
    *) venv=$PWD/$OPS_VENV ;;
esac
# The last one would have each process compile everything anew.
unset PYTHONHOME PYTHONSAFEPATH PYTHONDONTWRITEBYTECODE
if ! found=$(find_python); then
    echo "OpsPortal needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv); found: $(python3 --version 2>/dev/null || echo no python3)." >&2
    exit 1
fi
"$found" "$root/bin/setup.py" "$venv" "$needs" || exit $?
python=$venv/bin/python
export PYTHONPATH="$root" DJANGO_SETTINGS_MODULE=opsportal.settings
cd "$root"
