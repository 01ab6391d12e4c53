"""The one function that moves amounts, and what the database refuses whoever writes.

``ledger_post`` locks all accounts of a movement in the order of their ids before anything else, answers a movement that it knows as
before, refuses what the rules do not know, and writes the movement, its entries and the new balances. The constraints below it do
not trust it: at the end of each transaction a movement has all its legs, they add up to zero, stay in one book and follow on what was
there before; an account holds what its last entry says; nothing is below zero or held above what there is; an entry never changes.
"""

from django.db import migrations

LEGAL = """
CREATE FUNCTION ledger_legal(movement text, account text, gains boolean) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    -- One text, since a list would be made into a table of its own at each call.
    SELECT movement = 'correct' OR strpos(
        '|intake<origin|intake>store|' ||
        '|withdraw<store|withdraw>origin|' ||
        '|split<store|split>store|split>prep-loss|' ||
        '|recombine<store|recombine>store|' ||
        '|post<store|post>transit|post>loan|post>prep-loss|' ||
        '|dispatch<store|dispatch>transit|' ||
        '|receive<transit|receive>loan|receive>store|' ||
        '|transfer<loan|transfer>loan|transfer>transit|' ||
        '|sub-split<loan|sub-split>loan|sub-split>prep-loss|' ||
        '|consume<store|consume<loan|consume<residue|consume>consumed|' ||
        '|residue<store|residue<loan|residue>residue|' ||
        '|return<loan|return<residue|return>transit|return>store|' ||
        '|grant<store|grant>loan|' ||
        '|release<loan|release>store|' ||
        '|cede<store|cede<loan|cede>ceded|' ||
        '|lose<store|lose<transit|lose<loan|lose<residue|lose>lost|' ||
        '|find<lost|find>store|find>transit|find>loan|find>residue|' ||
        '|adjust<origin|adjust<adjust|adjust<store|adjust<transit|adjust<loan|adjust<residue|adjust>adjust|adjust>store|adjust>transit|adjust>loan|adjust>residue|',
        '|' || movement || CASE WHEN gains THEN '>' ELSE '<' END || account || '|') > 0
$$;
"""

OPEN = """
CREATE FUNCTION ledger_open(p_book bigint, p_kinds text[], p_labels text[]) RETURNS bigint[] LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_found bigint[];
BEGIN
    FOR attempt IN 1..2 LOOP
        -- One look into the index for each name; a join would be planned as a scan of the whole book.
        v_found := ARRAY(
            SELECT (SELECT a.id FROM ledger_account AS a WHERE a.book_id = p_book AND a.kind = n.kind AND a.label = n.label)
            FROM unnest(p_kinds, p_labels) WITH ORDINALITY AS n(kind, label, place) ORDER BY n.place
        );
        IF array_position(v_found, NULL) IS NULL THEN
            RETURN v_found;
        END IF;
        -- In one order, so that two who open the same accounts wait for each other and never in a circle.
        INSERT INTO ledger_account (book_id, kind, label)
        SELECT p_book, n.kind, n.label FROM unnest(p_kinds, p_labels) AS n(kind, label) ORDER BY n.kind, n.label
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN v_found;
END $$;
"""

POST = """
CREATE FUNCTION ledger_post(
    p_id uuid, p_kind text, p_accounts bigint[], p_amounts bigint[], p_reason text, p_facts jsonb, p_by uuid,
    p_reservation uuid, p_corrects uuid
) RETURNS boolean LANGUAGE plpgsql
-- For arrays the planner would plan anew at each call, which takes longer than the call.
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    v_digest bytea := sha256(convert_to(ROW(
        p_kind, p_accounts, p_amounts, p_reason, p_facts, p_by, p_reservation, p_corrects)::text, 'UTF8'));
    v_accounts bigint[] := p_accounts;
    v_amounts bigint[] := p_amounts;
    v_holds bigint[] := array_fill(0::bigint, ARRAY[cardinality(p_accounts)]);
    v_reserved record;
    v_known bytea;
    v_book bigint;
    v_at timestamptz;
    v_place integer;
    v_legal boolean;
    v_free boolean;
BEGIN
    IF p_reservation IS NOT NULL THEN
        -- A reservation is append-only like every movement, so it may be read before the accounts are locked.
        SELECT e.account_id, e.hold INTO v_reserved FROM ledger_entry AS e
        JOIN ledger_movement AS m ON m.id = e.movement_id AND m.kind = 'reserve' WHERE e.movement_id = p_reservation;
        IF NOT FOUND OR p_kind NOT IN ('post', 'void', 'grant') THEN
            RAISE EXCEPTION 'There is no such reservation to close.' USING ERRCODE = 'MB001';
        END IF;
        IF p_kind = 'void' AND cardinality(p_accounts) = 0 THEN
            v_accounts := ARRAY[v_reserved.account_id];
            v_amounts := ARRAY[0];
            v_holds := ARRAY[-v_reserved.hold];
        ELSE
            v_place := array_position(p_accounts, v_reserved.account_id);
            IF v_place IS NULL OR p_amounts[v_place] >= 0 THEN
                RAISE EXCEPTION 'What closes a reservation takes from the account in which it is.' USING ERRCODE = 'MB001';
            END IF;
            v_holds[v_place] := -v_reserved.hold;
        END IF;
    ELSIF p_kind = 'reserve' THEN
        v_holds := p_amounts;
        v_amounts := array_fill(0::bigint, ARRAY[cardinality(p_accounts)]);
    END IF;

    WITH locked AS MATERIALIZED (
        SELECT id, book_id, kind, balance, held, changed_at FROM ledger_account
        WHERE id = ANY (v_accounts) ORDER BY id FOR NO KEY UPDATE
    )
    SELECT min(book_id), greatest(max(changed_at), clock_timestamp()),
        count(*) = cardinality(v_accounts) AND min(book_id) = max(book_id)
            AND sum(amount) = 0 AND CASE
                WHEN p_kind = 'reserve' THEN count(*) = 1 AND min(hold) > 0 AND min(kind) = 'store'
                WHEN p_kind = 'void' THEN count(*) = 1 AND min(hold) < 0
                ELSE count(*) >= 2 AND bool_and(amount <> 0 AND ledger_legal(p_kind, kind, amount > 0))
            END,
        bool_and(kind = 'origin' OR balance + amount >= held + hold)
    INTO v_book, v_at, v_legal, v_free
    FROM locked JOIN unnest(v_accounts, v_amounts, v_holds) AS leg(account, amount, hold) ON leg.account = locked.id;

    SELECT digest INTO v_known FROM ledger_movement WHERE id = p_id;
    IF FOUND THEN
        IF v_known <> v_digest THEN
            RAISE EXCEPTION 'This movement was sent before with other content.' USING ERRCODE = 'MB003';
        END IF;
        RETURN false;
    END IF;
    IF v_legal IS NOT TRUE THEN
        RAISE EXCEPTION 'These are not the legs that “%” may have.', p_kind USING ERRCODE = 'MB001';
    END IF;
    IF (p_kind = 'correct') <> (p_corrects IS NOT NULL) OR p_kind = 'correct' AND NOT ledger_takes_back(p_corrects, p_accounts, p_amounts) THEN
        RAISE EXCEPTION 'A correction is the exact opposite of one movement, once.' USING ERRCODE = 'MB001';
    END IF;
    IF p_reservation IS NOT NULL AND EXISTS (SELECT FROM ledger_movement WHERE reservation_id = p_reservation) THEN
        RAISE EXCEPTION 'This reservation was closed already.' USING ERRCODE = 'MB001';
    END IF;
    IF v_free IS NOT TRUE THEN
        RAISE EXCEPTION 'An account has less free than was asked.' USING ERRCODE = 'MB002', DETAIL = (
            SELECT json_build_object(
                'account', upper(a.kind) || CASE a.label WHEN '' THEN '' ELSE ':' || a.label END,
                'free', (a.balance - a.held)::text, 'asked', (leg.hold - leg.amount)::text)
            FROM unnest(v_accounts, v_amounts, v_holds) AS leg(account, amount, hold) JOIN ledger_account AS a ON a.id = leg.account
            WHERE a.kind <> 'origin' AND a.balance + leg.amount < a.held + leg.hold ORDER BY a.id LIMIT 1);
    END IF;

    INSERT INTO ledger_movement (id, book_id, kind, legs, reason, facts, digest, at, by_id, reservation_id, corrects_id)
    VALUES (p_id, v_book, p_kind, cardinality(v_accounts), p_reason, p_facts, v_digest, v_at, p_by, p_reservation, p_corrects)
    ON CONFLICT (id) DO NOTHING;
    IF NOT FOUND THEN
        -- Somebody else used the id at the same time for other accounts: with the same ones we had waited for the lock.
        RAISE EXCEPTION 'This movement was sent before with other content.' USING ERRCODE = 'MB003';
    END IF;
    WITH changed AS (
        UPDATE ledger_account AS a
        SET balance = a.balance + leg.amount, held = a.held + leg.hold, version = a.version + 1, changed_at = v_at
        FROM unnest(v_accounts, v_amounts, v_holds) WITH ORDINALITY AS leg(account, amount, hold, place)
        WHERE a.id = leg.account
        RETURNING a.id, a.balance, a.held, a.version, leg.amount, leg.hold, leg.place
    )
    INSERT INTO ledger_entry (movement_id, leg, legs, account_id, amount, hold, previous, balance, held, version)
    SELECT p_id, place, cardinality(v_accounts), id, amount, hold, balance - amount, balance, held, version FROM changed;
    GET DIAGNOSTICS v_place = ROW_COUNT;
    IF v_place <> cardinality(v_accounts) THEN
        RAISE EXCEPTION 'A movement names each account once.' USING ERRCODE = 'MB001';
    END IF;
    RETURN true;
END $$;

CREATE FUNCTION ledger_takes_back(p_corrects uuid, p_accounts bigint[], p_amounts bigint[]) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM ledger_movement WHERE id = p_corrects AND kind NOT IN ('reserve', 'void', 'correct'))
        AND NOT EXISTS (SELECT FROM ledger_movement WHERE corrects_id = p_corrects)
        AND (SELECT array_agg(ROW(account_id, -amount) ORDER BY account_id) FROM ledger_entry WHERE movement_id = p_corrects)
            = (SELECT array_agg(ROW(account, amount) ORDER BY account) FROM unnest(p_accounts, p_amounts) AS leg(account, amount))
$$;
"""

GUARDS = """
ALTER TABLE ledger_account SET (fillfactor = 70);
-- An entry states how many legs its movement has, and the database compares: no leg can be added later.
ALTER TABLE ledger_movement ADD CONSTRAINT ledger_movement_legs UNIQUE (id, legs);
ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_of_movement
    FOREIGN KEY (movement_id, legs) REFERENCES ledger_movement (id, legs) DEFERRABLE INITIALLY DEFERRED;
REVOKE UPDATE, DELETE ON ledger_entry FROM PUBLIC, CURRENT_USER;

CREATE FUNCTION ledger_movement_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_fault text;
BEGIN
    SELECT CASE
        WHEN count(*) <> NEW.legs THEN format('has %s legs of %s', count(*), NEW.legs)
        WHEN sum(e.amount) <> 0 THEN format('does not add up to zero but to %s', sum(e.amount))
        WHEN NEW.legs < 2 AND NEW.kind NOT IN ('reserve', 'void') THEN 'has only one leg'
        WHEN bool_or(a.book_id <> NEW.book_id) THEN 'leaves its book'
        WHEN bool_or(a.version < e.version OR e.previous <> coalesce(p.balance, 0) OR e.held <> coalesce(p.held, 0) + e.hold)
            THEN 'does not follow on what was there before'
    END INTO v_fault
    FROM ledger_entry AS e JOIN ledger_account AS a ON a.id = e.account_id
    LEFT JOIN ledger_entry AS p ON p.account_id = e.account_id AND p.version = e.version - 1
    WHERE e.movement_id = NEW.id;
    IF v_fault IS NOT NULL THEN
        RAISE EXCEPTION 'Movement % %', NEW.id, v_fault
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_movement_balances', TABLE = 'ledger_movement';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_account_is_backed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM ledger_entry
        WHERE account_id = NEW.id AND version = NEW.version AND balance = NEW.balance AND held = NEW.held
    ) THEN
        RAISE EXCEPTION 'Account % holds what no entry says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_is_backed', TABLE = 'ledger_account';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger_account_keeps_its_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'An account keeps its name' USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_keeps_its_name';
END $$;

CREATE CONSTRAINT TRIGGER ledger_movement_balances AFTER INSERT ON ledger_movement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_movement_balances();
CREATE CONSTRAINT TRIGGER ledger_account_is_backed AFTER UPDATE ON ledger_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_account_is_backed();
CREATE CONSTRAINT TRIGGER ledger_account_begins_empty AFTER INSERT ON ledger_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.held <> 0 OR NEW.version <> 0)
    EXECUTE FUNCTION ledger_account_is_backed();
CREATE TRIGGER ledger_account_keeps_its_name BEFORE UPDATE OF id, book_id, kind, label ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_keeps_its_name();
CREATE TRIGGER ledger_accounts_stay BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_account_keeps_its_name();
"""

BACK = """
DROP TRIGGER ledger_accounts_stay ON ledger_account;
DROP TRIGGER ledger_account_keeps_its_name ON ledger_account;
DROP TRIGGER ledger_account_begins_empty ON ledger_account;
DROP TRIGGER ledger_account_is_backed ON ledger_account;
DROP TRIGGER ledger_movement_balances ON ledger_movement;
DROP FUNCTION ledger_account_keeps_its_name();
DROP FUNCTION ledger_account_is_backed();
DROP FUNCTION ledger_movement_balances();
GRANT UPDATE, DELETE ON ledger_entry TO CURRENT_USER;
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_of_movement;
ALTER TABLE ledger_movement DROP CONSTRAINT ledger_movement_legs;
ALTER TABLE ledger_account RESET (fillfactor);
DROP FUNCTION ledger_post(uuid, text, bigint[], bigint[], text, jsonb, uuid, uuid, uuid);
DROP FUNCTION ledger_takes_back(uuid, bigint[], bigint[]);
DROP FUNCTION ledger_open(bigint, text[], text[]);
DROP FUNCTION ledger_legal(text, text, boolean);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_tables")]

    operations = [migrations.RunSQL(LEGAL + OPEN + POST + GUARDS, BACK)]
