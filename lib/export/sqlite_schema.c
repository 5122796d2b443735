/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite form's schema. Times are nanoseconds since 1970 (…_ns) and, where people look first, RFC 3339
 * text. A column of type ANY holds text, or a blob where the evidence's bytes are not UTF-8. `user_version`
 * counts changes of the schema. */
#include "export/sqlite_schema.h"

const char wtr_sqlite_tables[] =
    "PRAGMA page_size = 4096;"
    "PRAGMA journal_mode = OFF;"
    "PRAGMA synchronous = OFF;"
    "PRAGMA application_id = 1465143857;" /* "WTR1" */
    "PRAGMA user_version = 1;"
    "CREATE TABLE header (schema TEXT NOT NULL, tool TEXT NOT NULL, cause_window_ns INTEGER NOT NULL,"
    " reveal_secrets INTEGER NOT NULL, filter TEXT) STRICT;"
    "CREATE TABLE source (source INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT, size INTEGER NOT NULL,"
    " compressed INTEGER NOT NULL, sha256 TEXT, frames INTEGER, bytes INTEGER, complete INTEGER,"
    " first_ns INTEGER, last_ns INTEGER, dropped INTEGER, snapped INTEGER, gaps INTEGER, lost_bytes INTEGER,"
    " repeated INTEGER, altered INTEGER, flows INTEGER, followed INTEGER, evicted INTEGER, fragments INTEGER,"
    " fragments_lost INTEGER, encrypted_frames INTEGER, unread_frames INTEGER, bad_frames INTEGER,"
    " filtered INTEGER, clock_scale INTEGER, clock_offset_ns INTEGER, clock_skew_ppb INTEGER,"
    " clock_uncertainty_ns INTEGER, clock_shared INTEGER) STRICT;"
    "CREATE TABLE coverage (source INTEGER NOT NULL REFERENCES source, decoder TEXT NOT NULL,"
    " records INTEGER NOT NULL, errors INTEGER NOT NULL) STRICT;"
    "CREATE TABLE event (n INTEGER PRIMARY KEY, id TEXT NOT NULL, kind TEXT NOT NULL, time TEXT,"
    " time_ns INTEGER, time_basis TEXT NOT NULL, time_scale TEXT, earliest_ns INTEGER, latest_ns INTEGER,"
    " device TEXT, channel TEXT, outlet INTEGER, change TEXT, transition_earliest_ns INTEGER,"
    " transition_latest_ns INTEGER, trigger TEXT, cause_basis TEXT, cause_event TEXT, delay_ns INTEGER,"
    " endpoint TEXT, client_id TEXT, user TEXT, app_id TEXT, certainty TEXT NOT NULL,"
    " retained INTEGER NOT NULL, past INTEGER NOT NULL, source INTEGER NOT NULL, frame INTEGER,"
    " record_offset INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, transform TEXT,"
    " transform_offset INTEGER, transform_length INTEGER, key TEXT, key_origin TEXT,"
    " copies INTEGER NOT NULL, path TEXT, message TEXT NOT NULL) STRICT;"
    "CREATE TABLE event_value (n INTEGER NOT NULL REFERENCES event, field TEXT NOT NULL,"
    " text TEXT NOT NULL, number REAL) STRICT;"
    "CREATE TABLE event_raw (n INTEGER NOT NULL REFERENCES event, name ANY, value ANY) STRICT;"
    "CREATE TABLE event_origin (n INTEGER NOT NULL REFERENCES event, role TEXT NOT NULL,"
    " source INTEGER NOT NULL, frame INTEGER, record_offset INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " length INTEGER NOT NULL, time_ns INTEGER) STRICT;"
    "CREATE TABLE event_link (n INTEGER NOT NULL REFERENCES event, role TEXT NOT NULL, id TEXT NOT NULL) "
    "STRICT;"
    "CREATE TABLE event_storage (n INTEGER PRIMARY KEY REFERENCES event, volume TEXT NOT NULL, entry ANY,"
    " record_state TEXT NOT NULL, integrity TEXT NOT NULL, checked_by TEXT, order_scope TEXT,"
    " order_rank INTEGER, order_sequence INTEGER, order_basis TEXT, mixed INTEGER NOT NULL,"
    " attributed INTEGER NOT NULL, encryption TEXT) STRICT;"
    "CREATE VIRTUAL TABLE event_text USING fts5 (message, raw, content = '');"
    "CREATE TABLE finding (n INTEGER PRIMARY KEY, time_ns INTEGER, decoder TEXT NOT NULL,"
    " reason TEXT NOT NULL, message TEXT NOT NULL, source INTEGER NOT NULL, frame INTEGER,"
    " record_offset INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL) STRICT;"
    "CREATE TABLE window (n INTEGER PRIMARY KEY, source INTEGER NOT NULL, device TEXT, protocol TEXT,"
    " client TEXT, server TEXT, client_id TEXT, from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL,"
    " from_start INTEGER NOT NULL, ended_by TEXT, client_frames INTEGER NOT NULL,"
    " server_frames INTEGER NOT NULL, client_bytes INTEGER NOT NULL, server_bytes INTEGER NOT NULL,"
    " gaps INTEGER NOT NULL, lost_bytes INTEGER NOT NULL, encrypted INTEGER NOT NULL) STRICT;"
    "CREATE TABLE summary (events INTEGER NOT NULL, events_written INTEGER NOT NULL,"
    " findings INTEGER NOT NULL, windows INTEGER NOT NULL, copies INTEGER NOT NULL) STRICT;"
    "BEGIN;";

const char wtr_sqlite_indexes[] =
    "CREATE INDEX event_by_time ON event (time_ns);"
    "CREATE INDEX event_by_kind ON event (kind, time_ns);"
    "CREATE INDEX event_by_device ON event (device, time_ns);"
    "CREATE INDEX event_by_id ON event (id);"
    "CREATE INDEX event_value_by_event ON event_value (n, field);"
    "CREATE INDEX event_value_by_field ON event_value (field, number);"
    "CREATE INDEX event_raw_by_event ON event_raw (n);"
    "CREATE INDEX event_link_by_event ON event_link (n);"
    "CREATE INDEX event_origin_by_event ON event_origin (n);"
    "CREATE VIEW timeline AS SELECT e.n, e.time, e.device, e.channel, e.kind, e.message, e.certainty,"
    " e.trigger, s.name AS source_name, e.frame, e.offset, e.length, e.id"
    " FROM event e JOIN source s USING (source);"
    "CREATE VIEW state AS SELECT e.n, e.time, e.time_ns, e.device, e.channel, v.text AS state, e.change,"
    " e.transition_earliest_ns, e.transition_latest_ns, e.certainty, e.retained, e.past, e.id"
    " FROM event e JOIN event_value v ON v.n = e.n AND v.field = 'state' WHERE e.kind = 'power.state';"
    "CREATE VIEW reading AS SELECT e.n, e.time, e.time_ns, e.device, e.channel, v.field, v.number, v.text,"
    " e.certainty, e.id FROM event e JOIN event_value v USING (n)"
    " WHERE e.kind IN ('power.reading', 'energy.counter') AND v.number IS NOT NULL;"
    "CREATE VIEW device AS SELECT device, count(*) AS events, min(time) AS first, max(time) AS last"
    " FROM event WHERE device IS NOT NULL GROUP BY device;"
    "COMMIT;"
    "PRAGMA optimize;";

const char *const wtr_sqlite_inserts[WTR_SQLITE_TABLES] = {
    [WTR_SQLITE_HEADER] = "INSERT INTO header VALUES (?,?,?,?,?)",
    [WTR_SQLITE_SOURCE] = "INSERT INTO source (source, name, type, size, compressed) VALUES (?,?,?,?,?)",
    [WTR_SQLITE_SOURCE_SUMMARY] =
        "UPDATE source SET sha256=?, size=?, frames=?, bytes=?, complete=?, first_ns=?, last_ns=?, dropped=?,"
        " snapped=?, gaps=?, lost_bytes=?, repeated=?, altered=?, flows=?, followed=?, evicted=?, "
        "fragments=?,"
        " fragments_lost=?, encrypted_frames=?, unread_frames=?, bad_frames=?, filtered=?, clock_scale=?,"
        " clock_offset_ns=?, clock_skew_ppb=?, clock_uncertainty_ns=?, clock_shared=? WHERE source=?",
    [WTR_SQLITE_COVERAGE] = "INSERT INTO coverage VALUES (?,?,?,?)",
    [WTR_SQLITE_EVENT] =
        ("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
         "?,?,?,?,?,?,?,?,?)"),
    [WTR_SQLITE_VALUE] = "INSERT INTO event_value VALUES (?,?,?,?)",
    [WTR_SQLITE_RAW] = "INSERT INTO event_raw VALUES (?,?,?)",
    [WTR_SQLITE_ORIGIN] = "INSERT INTO event_origin VALUES (?,?,?,?,?,?,?,?)",
    [WTR_SQLITE_LINK] = "INSERT INTO event_link VALUES (?,?,?)",
    [WTR_SQLITE_STORAGE] = "INSERT INTO event_storage VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [WTR_SQLITE_TEXT] = "INSERT INTO event_text (rowid, message, raw) VALUES (?,?,?)",
    [WTR_SQLITE_FINDING] = "INSERT INTO finding VALUES (?,?,?,?,?,?,?,?,?,?)",
    [WTR_SQLITE_WINDOW] = "INSERT INTO window VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    [WTR_SQLITE_SUMMARY] = "INSERT INTO summary VALUES (?,?,?,?,?)",
};
