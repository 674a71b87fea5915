"""The sweep's SQL. FIND reads every side in one statement, so that all of it is of one moment; PUT writes what it found."""

# What follows from our own tables; what only the provider knows (provider_differs) comes from asking it.
KINDS = (
    "paid_without_plan", "plan_without_payment", "refunded_with_plan", "amount_differs", "currency_differs", "paid_twice",
    "payment_without_checkout", "state_differs", "event_without_effect", "event_needs_person", "product_not_told",
)  # fmt: skip

# What a payment pays for: one period of a subscription, by its invoice; or, where this is null, the checkout itself. Each is owed once.
_SLOT = "CASE WHEN {0}.invoice_id <> '' AND {0}.period_end IS NOT NULL THEN {0}.period_start END"

# Neither free, nor on trial, nor ever paid for: the checkout's number, and its amount.
_UNPAID = """{1} > 0 AND NOT EXISTS (SELECT FROM payments a WHERE a.checkout_id = {0} AND a.base = 'approved')
              AND NOT EXISTS (SELECT FROM subscriptions u WHERE u.checkout_id = {0} AND u.status = 'trialing')"""

# One pass over checkouts, payments and grants, by hash joins where all are wanted; only what may be wrong goes on.
_ODD = f"""
    SELECT c.id AS checkout, c.provider, c.checkout_id AS name, c.state AS checkout_state, c.customer_key, c.plan_id, c.amount AS wanted,
        c.currency AS wanted_currency, c.linked_at, c.paid_at AS checkout_paid_at, c.created_at AS begun_at,
        p.id AS payment, p.payment_id, p.amount, p.amount - p.refunded AS left_of_it, p.currency, p.state, p.base, p.updated_at, {_SLOT.format("p")} AS slot,
        coalesce(p.paid_at, p.created_at) AS paid_at, p.created_at,
        g.id AS given, g.granted_at, g.until, g.ended_at, g.ended_because, pl.name AS plan
    FROM {{checkouts}} LEFT JOIN payments p ON p.checkout_id = c.id LEFT JOIN plan_grants g ON g.payment_id = p.id LEFT JOIN plans pl ON pl.id = c.plan_id
    WHERE (p.state = 'approved' AND (g.id IS NULL OR (g.ended_at IS NOT NULL AND g.ended_because <> 'hand')
              OR p.currency <> c.currency OR p.amount <> c.amount))
       OR (p.base = 'approved' AND c.state <> 'paid')
       OR (p.state <> 'approved' AND g.id IS NOT NULL AND g.ended_at IS NULL AND (g.until IS NULL OR g.until > now()))
       OR (c.state = 'paid' AND p.base IS DISTINCT FROM 'approved' AND {_UNPAID.format("c.id", "c.amount")})
"""  # noqa: S608

# A renewal may cost something else than the checkout did: of a subscription's payments only those of the first period are compared, and none
# where the checkout was for nothing, as at the start of a trial.
_FIRST = f"""
    SELECT o.*, o.state = 'approved' AS stands, currency <> wanted_currency OR (amount <> wanted AND (slot IS NULL OR (wanted > 0 AND NOT EXISTS (
            SELECT FROM payments f WHERE f.checkout_id = o.checkout AND f.invoice_id <> '' AND f.period_end IS NOT NULL AND f.period_start < o.slot)))) AS differs,
        checkout_state = 'paid' AND base IS DISTINCT FROM 'approved' AND {_UNPAID.format("o.checkout", "wanted")} AS is_unpaid,
        given IS NOT NULL AND ended_at IS NULL AND (until IS NULL OR until > now()) AS has_plan,
        jsonb_build_object('provider', provider, 'checkout', name, 'payment', payment_id, 'plan', plan) AS known
    FROM odd o
"""  # noqa: S608

# Owed by the first payment that stands for it; not where another one gave the plan, and not where a person took it away.
_JUDGED = f"""
    SELECT o.*, stands AND NOT differs AND (given IS NULL OR (ended_at IS NOT NULL AND ended_because <> 'hand')) AND NOT EXISTS (
            SELECT FROM payments s LEFT JOIN plan_grants h ON h.payment_id = s.id
            WHERE s.checkout_id = o.checkout AND s.id <> o.payment AND s.state = 'approved' AND {_SLOT.format("s")} IS NOT DISTINCT FROM o.slot
                AND (h.ended_because = '' OR h.ended_because = 'hand' OR (
                    (coalesce(s.paid_at, s.created_at), s.payment_id) < (o.paid_at, o.payment_id)
                    AND s.currency = o.wanted_currency AND (o.slot IS NOT NULL OR s.amount = o.wanted)))) AS is_owed
    FROM first o
"""  # noqa: S608

_OF_PAYMENTS = """
    SELECT 'paid_without_plan' AS kind, 'payment:' || payment AS subject, checkout, payment, NULL::bigint AS event, given, left_of_it AS amount, currency,
        greatest(paid_at, linked_at, ended_at) AS since,
        known || jsonb_build_object('why', CASE WHEN customer_key = '' THEN 'no_customer' WHEN plan_id IS NULL THEN 'no_plan' ELSE '' END,
            'ended', coalesce(ended_because, '')) AS facts
    FROM judged WHERE is_owed
    UNION ALL
    SELECT 'amount_differs', 'payment:' || payment, checkout, payment, NULL, NULL, left_of_it, currency, paid_at,
        known || jsonb_build_object('amount', amount, 'wanted', wanted, 'currency', currency)
    FROM judged WHERE stands AND differs AND currency = wanted_currency
    UNION ALL
    SELECT 'currency_differs', 'payment:' || payment, checkout, payment, NULL, NULL, left_of_it, currency, paid_at,
        known || jsonb_build_object('amount', amount, 'wanted', wanted, 'currency', currency, 'wanted_currency', wanted_currency)
    FROM judged WHERE stands AND differs AND currency <> wanted_currency
    UNION ALL
    SELECT CASE WHEN state IN ('refunded', 'charged_back') THEN 'refunded_with_plan' ELSE 'plan_without_payment' END, 'grant:' || given, checkout, payment,
        NULL, given, amount, currency, greatest(updated_at, granted_at), known || jsonb_build_object('state', state, 'until', until)
    FROM judged WHERE has_plan AND NOT stands
    UNION ALL
    SELECT 'state_differs', 'checkout:' || checkout, checkout, payment, NULL, NULL,
        CASE WHEN payment IS NULL OR base <> 'approved' THEN wanted WHEN stands THEN left_of_it END,
        coalesce(currency, wanted_currency), coalesce(CASE WHEN base = 'approved' THEN paid_at END, checkout_paid_at, begun_at),
        known || jsonb_build_object('checkout_state', checkout_state, 'state', coalesce(state, ''))
    FROM judged WHERE (base = 'approved' AND checkout_state <> 'paid') OR is_unpaid
"""

_TWICE = f"""
    SELECT 'paid_twice', 'payment:' || t.first, t.checkout_id, t.first, NULL, NULL, t.total - f.amount, f.currency, t.since,
        jsonb_build_object('provider', f.provider, 'checkout', f.name, 'payment', f.payment_id, 'times', t.times)
    FROM (SELECT p.checkout_id, {_SLOT.format("p")} AS slot, min(p.id) AS first, sum(p.amount - p.refunded)::bigint AS total, count(*) AS times,
                max(coalesce(p.paid_at, p.created_at)) AS since
          FROM payments p WHERE p.state = 'approved' AND {{in_scope}} GROUP BY p.checkout_id, slot HAVING count(*) > 1) t
    -- Few, whatever the planner thinks: by their keys.
    CROSS JOIN LATERAL (
        SELECT f.amount, f.currency, f.payment_id, c.provider, c.checkout_id AS name
        FROM payments f JOIN checkout_sessions c ON c.id = f.checkout_id WHERE f.id = t.first OFFSET 0) f
"""  # noqa: S608

# Few, and each found by an index of its own: looked at in every sweep.
_WITHOUT_CHECKOUT = """
    SELECT 'payment_without_checkout', 'payment:' || p.id, NULL::bigint, p.id, NULL, NULL, p.amount - p.refunded, p.currency,
        coalesce(p.paid_at, p.created_at), jsonb_build_object('provider', p.provider, 'payment', p.payment_id, 'reference', p.reference)
    FROM payments p WHERE p.checkout_id IS NULL AND p.state = 'approved'
    UNION ALL
    SELECT CASE WHEN p.state IN ('refunded', 'charged_back') THEN 'refunded_with_plan' ELSE 'plan_without_payment' END, 'grant:' || g.id, g.checkout_id, p.id,
        NULL, g.id, p.amount, p.currency, greatest(p.updated_at, g.granted_at),
        jsonb_build_object('provider', p.provider, 'payment', p.payment_id, 'plan', pl.name, 'state', p.state, 'until', g.until)
    FROM payments p JOIN plan_grants g ON g.payment_id = p.id JOIN plans pl ON pl.id = g.plan_id
    WHERE p.checkout_id IS NULL AND p.state <> 'approved' AND g.ended_at IS NULL AND (g.until IS NULL OR g.until > now())
    UNION ALL
    SELECT 'plan_without_payment', 'grant:' || g.id, g.checkout_id, NULL, NULL, g.id, pl.amount, pl.currency, g.granted_at,
        jsonb_build_object('provider', coalesce(c.provider, ''), 'checkout', c.checkout_id, 'plan', pl.name, 'state', '', 'until', g.until,
            'customer', g.customer_key)
    FROM plan_grants g JOIN plans pl ON pl.id = g.plan_id LEFT JOIN checkout_sessions c ON c.id = g.checkout_id
    WHERE g.payment_id IS NULL AND g.ended_at IS NULL AND g.source = 'payment' AND (g.until IS NULL OR g.until > now())
"""

# By the payments whose plan is still owed, which are few: most events without an effect are of types that move nothing.
_EVENT = "w.id, w.provider, w.event_id, w.event_type, w.state, w.effect, w.effect_reason, w.received_at, w.processed_at"
_EVENTS = f"""
    SELECT 'event_without_effect', 'event:' || e.id, owed.checkout, owed.payment, e.id, NULL, owed.amount, owed.currency, coalesce(e.processed_at, e.received_at),
        jsonb_build_object('provider', e.provider, 'event', e.event_id, 'type', e.event_type, 'reason', e.effect_reason, 'payment', owed.payment_id)
    FROM (SELECT checkout, payment, left_of_it AS amount, currency, payment_id FROM judged WHERE is_owed
          UNION ALL
          SELECT NULL, id, amount - refunded, currency, payment_id FROM payments WHERE checkout_id IS NULL AND state = 'approved') owed
    CROSS JOIN LATERAL (
        SELECT {_EVENT} FROM webhook_events w WHERE w.payment_id = owed.payment
        UNION SELECT {_EVENT} FROM webhook_events w WHERE w.checkout_id = owed.checkout) e
    WHERE e.state = 'done' AND e.effect = 'none' AND e.effect_reason IN ('no_customer', 'no_checkout', 'no_plan')
    UNION ALL
    SELECT 'event_needs_person', 'event:' || e.id, e.checkout_id, e.payment_id, e.id, NULL, p.amount, coalesce(p.currency, ''), e.received_at,
        jsonb_build_object('provider', e.provider, 'event', e.event_id, 'type', e.event_type, 'error', e.error, 'attempts', e.attempts)
    FROM webhook_events e LEFT JOIN payments p ON p.id = e.payment_id WHERE e.state = 'person'
"""  # noqa: S608

# Since the first that was not confirmed: that it was told again a moment ago does not make it know. Where no address of the product is
# set, it reads the plans for itself: then nobody waits to be told.
_UNTOLD = """
    SELECT 'product_not_told', 'customer:' || CASE WHEN length(k.customer_key) <= 50 THEN k.customer_key ELSE md5(k.customer_key) END, k.checkout_id, NULL,
        NULL, NULL, c.amount, coalesce(c.currency, ''), waits.since,
        jsonb_build_object('provider', coalesce(c.provider, ''), 'checkout', c.checkout_id, 'customer', k.customer_key, 'version', k.version,
            'sent', k.message_id IS NOT NULL, 'answer', k.answer)
    FROM plan_callbacks k LEFT JOIN checkout_sessions c ON c.id = k.checkout_id
    CROSS JOIN LATERAL (
        SELECT min(o.created_at) AS since FROM plan_callbacks o WHERE o.customer_key = k.customer_key AND o.version > coalesce((
            SELECT max(t.version) FROM plan_callbacks t WHERE t.customer_key = k.customer_key AND t.confirmed_at IS NOT NULL), 0)) waits
    WHERE k.confirmed_at IS NULL AND CASE WHEN k.message_id IS NULL THEN %(has_product)s ELSE waits.since < now() - interval '15 minutes' END
        AND NOT EXISTS (SELECT FROM plan_callbacks n WHERE n.customer_key = k.customer_key AND n.version > k.version)
"""

# Also how far each checkout had changed at that same moment (`seq`): what changes later stays to be looked at.
_FIND = """
    WITH odd AS MATERIALIZED ({odd}), first AS ({first}), judged AS MATERIALIZED ({judged}), found AS ({found}),
    once AS (SELECT DISTINCT ON (kind, subject) * FROM found ORDER BY kind, subject, since)
    SELECT *, NULL::bigint AS seq FROM once
    UNION ALL (
        SELECT NULL, NULL, c.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, c.change_seq
        FROM checkout_sessions c WHERE c.change_seq <> c.checked_seq AND {in_turn} ORDER BY c.id LIMIT %(most)s)
"""

_EVERYTHING = {"checkouts": "checkout_sessions c", "in_scope": "p.checkout_id IS NOT NULL", "in_turn": "true"}
# The array stands in the text of the statement, so the planner knows how long it is.
_SOME = {
    "checkouts": "unnest(%(ids)s::bigint[]) AS s (id) JOIN checkout_sessions c ON c.id = s.id",
    "in_scope": "p.checkout_id = ANY(%(ids)s::bigint[])",
    "in_turn": "c.id = ANY(%(ids)s::bigint[])",
}


def _find(checkouts: str, in_scope: str, in_turn: str) -> str:
    parts = (_OF_PAYMENTS, _TWICE.format(in_scope=in_scope), _WITHOUT_CHECKOUT, _EVENTS, _UNTOLD)
    return _FIND.format(odd=_ODD.format(checkouts=checkouts), first=_FIRST, judged=_JUDGED, found=" UNION ALL ".join(parts), in_turn=in_turn)


FIND_ALL, FIND_SOME = _find(**_EVERYTHING), _find(**_SOME)
# Kept between the two statements. PostgreSQL may read with several processes for a table of its own, not for one that is there.
KEEP = "CREATE TEMPORARY TABLE sweep_found ON COMMIT DROP AS"

# What changed since it was looked at; and, once in a sweep, what is open and may have come right by time alone.
CHANGED = "SELECT id FROM checkout_sessions WHERE change_seq <> checked_seq ORDER BY id LIMIT %(most)s"
OPEN = "SELECT DISTINCT checkout_id FROM billing_findings WHERE closed_at IS NULL AND checkout_id IS NOT NULL ORDER BY checkout_id LIMIT %(most)s"

# A person's word on a checkout also counts for what was wrong with it by then.
_PUT = """
    INSERT INTO billing_findings (kind, subject, checkout_id, payment_id, event_id, grant_id, amount, currency, facts, since, handled_at, handled_by, handled_note)
    SELECT x.kind, x.subject, x.checkout, x.payment, x.event, x.given, x.amount, coalesce(x.currency, ''), jsonb_strip_nulls(x.facts), coalesce(x.since, now()),
        c.handled_at, coalesce(c.handled_by, ''), coalesce(c.handled_note, '')
    FROM sweep_found x LEFT JOIN checkout_sessions c ON c.id = x.checkout AND c.handled_at >= x.since WHERE x.kind IS NOT NULL
    ON CONFLICT (kind, subject) WHERE closed_at IS NULL DO UPDATE SET checkout_id = excluded.checkout_id, payment_id = excluded.payment_id,
        event_id = excluded.event_id, grant_id = excluded.grant_id, amount = excluded.amount, currency = excluded.currency, facts = excluded.facts,
        since = least(billing_findings.since, excluded.since)
    WHERE (billing_findings.checkout_id, billing_findings.payment_id, billing_findings.amount, billing_findings.currency, billing_findings.facts)
        IS DISTINCT FROM (excluded.checkout_id, excluded.payment_id, excluded.amount, excluded.currency, excluded.facts)
    RETURNING (xmax = 0) AS is_new
"""
# Why, as a code of words.CLOSED: from what is true now of the payment, the grant and the event it was about.
_BECAUSE = """CASE
    WHEN f.kind IN ('paid_without_plan', 'event_without_effect', 'amount_differs', 'currency_differs', 'payment_without_checkout')
        AND p.state <> 'approved' THEN 'no_longer_stands'
    WHEN f.kind IN ('paid_without_plan', 'event_without_effect') AND o.id IS NOT NULL THEN CASE WHEN o.ended_at IS NULL THEN 'given' ELSE 'ended_by_hand' END
    WHEN f.kind = 'paid_without_plan' THEN 'differs'
    WHEN f.kind IN ('refunded_with_plan', 'plan_without_payment') THEN
        CASE WHEN g.ended_at IS NOT NULL THEN 'ended' WHEN p.state = 'approved' THEN 'stands_again' ELSE 'ran_out' END
    WHEN f.kind = 'payment_without_checkout' THEN 'has_checkout'
    WHEN f.kind = 'event_needs_person' THEN CASE e.state WHEN 'done' THEN 'processed' WHEN 'handled' THEN 'handled' ELSE 'tried_again' END
    WHEN f.kind = 'product_not_told' THEN 'confirmed'
    ELSE 'agrees' END"""
_CLOSE = f"""
    UPDATE billing_findings d SET closed_at = clock_timestamp(), closed_because = because.code
    FROM (
        SELECT f.id, {_BECAUSE} AS code FROM billing_findings f LEFT JOIN payments p ON p.id = f.payment_id LEFT JOIN plan_grants g ON g.id = f.grant_id
            LEFT JOIN plan_grants o ON o.payment_id = f.payment_id LEFT JOIN webhook_events e ON e.id = f.event_id
        WHERE f.closed_at IS NULL AND f.kind = ANY(%(kinds)s) AND (%(everything)s OR f.checkout_id IS NULL OR f.checkout_id = ANY(%(ids)s::bigint[]))
            AND NOT EXISTS (SELECT FROM sweep_found x WHERE x.kind = f.kind AND x.subject = f.subject)
    ) because WHERE d.id = because.id RETURNING d.id
"""  # noqa: S608
# Whoever holds a checkout is changing it: it stays to be looked at, and nobody waits for anybody.
_MARK = """
    UPDATE checkout_sessions c SET checked_seq = x.seq
    FROM sweep_found x JOIN (
        SELECT c.id FROM checkout_sessions c JOIN sweep_found s ON s.checkout = c.id AND s.seq IS NOT NULL FOR NO KEY UPDATE OF c SKIP LOCKED
    ) free ON free.id = x.checkout
    WHERE x.seq IS NOT NULL AND c.id = free.id RETURNING c.id
"""
PUT = f"""
    WITH put AS ({_PUT}), closed AS ({_CLOSE}), marked AS ({_MARK})
    SELECT (SELECT count(*) FROM put WHERE is_new), (SELECT count(*) FROM closed), (SELECT count(*) FROM marked)
"""  # noqa: S608
