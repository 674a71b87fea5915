// One module per behavior; each works on what it finds in the page and does nothing where there is nothing to do.
import "./statusbar.js";
import "./copy.js";
import "./confirm.js";
import "./relative.js";
import "./hotkey.js";
import "./htmx-glue.js";
import "./live.js";
import "./print.js";
