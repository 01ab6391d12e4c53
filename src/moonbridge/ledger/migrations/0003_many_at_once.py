"""Many movements at once, for whole collections: the same rules as the movement function, over sets instead of one by one.

``ledger_post_many`` locks all accounts of a batch in the order of their ids before anything else, and then judges the whole batch in one
statement: what each account holds after each movement, in their order, is a running sum. It writes only where every movement is lawful
at first sight, exactly what ``ledger_post`` would have written. Otherwise it writes nothing and answers NULL, and the caller asks
``ledger_post`` for one after the other, which says what is wrong; so that no second text of refusals has to be kept true.
Corrections are not judged here: collections bring few. The constraints below both functions trust neither.
"""

from django.db import migrations

POST_MANY = """
CREATE FUNCTION ledger_post_many(p_book bigint, p_asked jsonb) RETURNS bigint LANGUAGE plpgsql
-- Planned anew for each batch: a plan made while the books were empty reads whole tables.
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    v_lawful boolean;
    v_asked bigint;
    v_written bigint;
BEGIN
    PERFORM FROM ledger_account WHERE id = ANY (ARRAY(
        SELECT account FROM jsonb_to_recordset(p_asked) AS asked(accounts bigint[]), unnest(accounts) AS account
        UNION
        SELECT e.account_id FROM jsonb_to_recordset(p_asked) AS asked(reservation uuid)
        JOIN ledger_entry AS e ON e.movement_id = asked.reservation
    )) ORDER BY id FOR NO KEY UPDATE;

    -- A statement of its own, which sees what was committed while the one above waited for the accounts.
    WITH asked AS MATERIALIZED (
        SELECT told.*, sha256(convert_to(ROW(
                told.kind, told.accounts, told.amounts, told.reason, told.facts, told.by, told.reservation, told.corrects
            )::text, 'UTF8')) AS digest,
            NOT EXISTS (SELECT FROM ledger_movement AS m WHERE m.id = told.id) AS is_new
        FROM ROWS FROM (jsonb_to_recordset(p_asked) AS (
            id uuid, kind text, accounts bigint[], amounts bigint[], reason text, facts jsonb, by uuid, reservation uuid, corrects uuid
        )) WITH ORDINALITY AS told(id, kind, accounts, amounts, reason, facts, by, reservation, corrects, place)
    ), reserved AS MATERIALIZED (
        -- What the movements close: reservations of earlier, and those of this batch.
        SELECT e.movement_id AS id, 0 AS place, e.account_id AS account, e.hold
        FROM asked JOIN ledger_movement AS m ON m.id = asked.reservation AND m.kind = 'reserve'
        JOIN ledger_entry AS e ON e.movement_id = m.id WHERE asked.is_new
        UNION ALL
        SELECT id, place, accounts[1], amounts[1] FROM asked WHERE is_new AND kind = 'reserve'
    ), fresh AS MATERIALIZED (
        SELECT asked.*, reserved.account AS reserved, reserved.hold AS hold,
            (asked.reservation IS NULL OR asked.kind IN ('post', 'void', 'grant') AND reserved.place < asked.place
                AND (asked.kind = 'void') = (asked.accounts = '{}')
                AND NOT EXISTS (SELECT FROM ledger_movement AS m WHERE m.reservation_id = asked.reservation))
            AND asked.kind <> 'correct' AND asked.corrects IS NULL AS lawful
        FROM asked LEFT JOIN reserved ON reserved.id = asked.reservation WHERE asked.is_new
    ), legs AS (
        SELECT fresh.id, fresh.place, fresh.kind, fresh.lawful, fresh.reservation, leg.number, leg.account,
            CASE WHEN fresh.kind = 'reserve' THEN 0 ELSE leg.amount END AS amount,
            CASE WHEN fresh.kind = 'reserve' THEN leg.amount WHEN leg.account = fresh.reserved THEN -fresh.hold ELSE 0 END AS hold
        FROM fresh CROSS JOIN unnest(
            CASE WHEN fresh.kind = 'void' THEN ARRAY[fresh.reserved] ELSE fresh.accounts END,
            CASE WHEN fresh.kind = 'void' THEN ARRAY[0] ELSE fresh.amounts END
        ) WITH ORDINALITY AS leg(account, amount, number)
    ), chained AS MATERIALIZED (
        -- What each account holds after each movement.
        SELECT legs.*, a.book_id AS book, a.kind AS account_kind, a.changed_at, a.version + row_number() OVER chain AS version,
            a.balance + sum(legs.amount) OVER chain AS balance, a.held + sum(legs.hold) OVER chain AS held,
            lag(legs.place) OVER chain IS DISTINCT FROM legs.place AS once, lead(legs.place) OVER chain IS NULL AS last
        FROM legs LEFT JOIN ledger_account AS a ON a.id = legs.account
        WINDOW chain AS (PARTITION BY legs.account ORDER BY legs.place, legs.number)
    ), judged AS MATERIALIZED (
        SELECT sum(amount) = 0 AND CASE kind
                WHEN 'reserve' THEN count(*) = 1 AND min(hold) > 0 AND min(account_kind) = 'store'
                WHEN 'void' THEN count(*) = 1 AND min(hold) < 0
                ELSE count(*) >= 2 AND bool_and(coalesce(amount <> 0 AND ledger_legal(kind, account_kind, amount > 0), false))
            END AND bool_and(coalesce(
                lawful AND once AND book = p_book AND (account_kind = 'origin' OR balance >= held)
                    AND balance BETWEEN -9223372036854775808 AND 9223372036854775807, false))
            -- What closes a reservation takes from the account in which it is.
            AND count(*) FILTER (WHERE hold < 0 AND (amount < 0 OR kind = 'void')) = count(DISTINCT reservation) AS lawful
        FROM chained GROUP BY place, kind
    ), verdict AS MATERIALIZED (
        SELECT greatest((SELECT max(changed_at) FROM chained), clock_timestamp()) AS at,
            (SELECT count(*) FILTER (WHERE lawful) FROM judged) = count(*) FILTER (WHERE is_new)
            AND count(DISTINCT id) = count(*)
            AND count(DISTINCT reservation) FILTER (WHERE is_new) = count(reservation) FILTER (WHERE is_new)
            AND NOT EXISTS (
                SELECT FROM asked JOIN ledger_movement AS m ON m.id = asked.id WHERE NOT asked.is_new AND m.digest <> asked.digest
            ) AS lawful
        FROM asked
    ), movements AS (
        -- Each a microsecond after the one before it, so that their order stays known.
        INSERT INTO ledger_movement (id, book_id, kind, legs, reason, facts, digest, at, by_id, reservation_id, corrects_id)
        SELECT id, p_book, kind, greatest(cardinality(accounts), 1), reason, facts, digest,
            (SELECT at FROM verdict) + place * interval '1 microsecond', by, reservation, corrects
        FROM fresh WHERE (SELECT lawful FROM verdict) ORDER BY place
        ON CONFLICT (id) DO NOTHING RETURNING 1
    ), entries AS (
        INSERT INTO ledger_entry (movement_id, leg, legs, account_id, amount, hold, previous, balance, held, version)
        SELECT id, number, count(*) OVER (PARTITION BY place), account, amount, hold, balance - amount, balance, held, version
        FROM chained WHERE (SELECT lawful FROM verdict) ORDER BY place, number
    ), accounts AS (
        UPDATE ledger_account AS a SET balance = chained.balance, held = chained.held, version = chained.version,
            changed_at = (SELECT at FROM verdict) + chained.place * interval '1 microsecond'
        FROM chained WHERE chained.last AND a.id = chained.account AND (SELECT lawful FROM verdict)
    )
    SELECT lawful, (SELECT count(*) FROM fresh), (SELECT count(*) FROM movements) INTO v_lawful, v_asked, v_written FROM verdict;
    IF v_lawful IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    IF v_written <> v_asked THEN
        -- As in ledger_post: somebody else used an id at the same time for other accounts.
        RAISE EXCEPTION 'This movement was sent before with other content.' USING ERRCODE = 'MB003';
    END IF;
    RETURN v_written;
END $$;
"""

BACK = "DROP FUNCTION ledger_post_many(bigint, jsonb);"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_one_movement_function")]

    operations = [migrations.RunSQL(POST_MANY, BACK)]
