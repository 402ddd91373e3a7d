-- standing --
SELECT obj_description(to_regnamespace('reporting'), 'pg_namespace'),
       (SELECT count(*) FROM pg_views WHERE schemaname = 'reporting')

-- views --
CREATE VIEW reporting.programmes AS
SELECT p.programme, p.name, p.purpose, p.starts_on, p.timezone, p.closed
FROM projection.programmes p;
COMMENT ON VIEW reporting.programmes IS 'The programmes.';
COMMENT ON COLUMN reporting.programmes.programme IS 'Its id.';
COMMENT ON COLUMN reporting.programmes.name IS 'Its name.';
COMMENT ON COLUMN reporting.programmes.purpose IS 'Its strategic purpose.';
COMMENT ON COLUMN reporting.programmes.starts_on IS 'The first day on which a pairing may start.';
COMMENT ON COLUMN reporting.programmes.timezone IS 'The IANA time zone in which its dates are counted.';
COMMENT ON COLUMN reporting.programmes.closed IS 'No new pairings are taken any more.';

CREATE VIEW reporting.pairings AS
SELECT b.pairing, b.programme, b.mentor, b.protege, m.department AS mentor_department, p.department AS protege_department,
       b.state, b.step, b.step_number, b.health, cardinality(b.flags) AS open_flags, b.replaces,
       b.proposed_on, b.starts_on, b.ends_on, b.ended_on, b.next_due_on, b.next_due_kind AS next_due
FROM projection.board b
LEFT JOIN projection.people m ON m.participant = b.mentor
LEFT JOIN projection.people p ON p.participant = b.protege;
COMMENT ON VIEW reporting.pairings IS 'A row a pairing: where it stands now.';
COMMENT ON COLUMN reporting.pairings.pairing IS 'Its id.';
COMMENT ON COLUMN reporting.pairings.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.pairings.mentor IS 'The participant id of the mentor; names are not to be had here.';
COMMENT ON COLUMN reporting.pairings.protege IS 'The participant id of the protégé.';
COMMENT ON COLUMN reporting.pairings.mentor_department IS 'The mentor''s department, where it was told.';
COMMENT ON COLUMN reporting.pairings.protege_department IS 'The protégé''s department, where it was told.';
COMMENT ON COLUMN reporting.pairings.state IS 'active, paused, completed or closed_early.';
COMMENT ON COLUMN reporting.pairings.step IS 'The step it is in, or completed or closed_early.';
COMMENT ON COLUMN reporting.pairings.step_number IS '1 to 8; none after the end.';
COMMENT ON COLUMN reporting.pairings.health IS 'on_track, attention, at_risk, paused, completed or closed_early.';
COMMENT ON COLUMN reporting.pairings.open_flags IS 'How many flags ask for somebody now.';
COMMENT ON COLUMN reporting.pairings.replaces IS 'The pairing that this one follows as a rematch.';
COMMENT ON COLUMN reporting.pairings.proposed_on IS 'The day it was proposed.';
COMMENT ON COLUMN reporting.pairings.starts_on IS 'The first day of its term.';
COMMENT ON COLUMN reporting.pairings.ends_on IS 'The last day of its term, as pauses moved it.';
COMMENT ON COLUMN reporting.pairings.ended_on IS 'The day it was completed or closed.';
COMMENT ON COLUMN reporting.pairings.next_due_on IS 'The next due date, or the last that passed where none is ahead.';
COMMENT ON COLUMN reporting.pairings.next_due IS 'What is due then.';

CREATE VIEW reporting.steps AS
SELECT b.pairing, b.programme, s.number, s.step, s.step = b.step AS current, s.outcome, s.completed_on, s.on_time,
       s.completed_on - b.proposed_on AS days, s.contract
FROM projection.board b
CROSS JOIN LATERAL json_to_recordset(b.standing -> 'steps')
    AS s (number smallint, step text, outcome text, completed_on date, on_time boolean, contract text);
COMMENT ON VIEW reporting.steps IS 'A row a step that a pairing has completed or is in. Feedback rounds are in feedback.';
COMMENT ON COLUMN reporting.steps.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.steps.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.steps.number IS '1 to 8.';
COMMENT ON COLUMN reporting.steps.step IS 'The step.';
COMMENT ON COLUMN reporting.steps.current IS 'The pairing is in this step now.';
COMMENT ON COLUMN reporting.steps.outcome IS 'done, waived, lapsed or off; none while it is not completed.';
COMMENT ON COLUMN reporting.steps.completed_on IS
    'The day of the evidence that completed it; of meetings, the day the term ended.';
COMMENT ON COLUMN reporting.steps.on_time IS 'It was completed by its due date.';
COMMENT ON COLUMN reporting.steps.days IS 'Days from the proposal to completed_on.';
COMMENT ON COLUMN reporting.steps.contract IS
    'Of first_meeting, what became of the contract: signed, waived, lapsed or off.';

CREATE VIEW reporting.meetings AS
SELECT o.pairing, b.programme, o.day AS "on", o.type = 'MeetingHeld' AS held, o.number AS minutes, o.kind AS mode,
       o.by AS missed_by, o.at AS recorded_as_of
FROM projection.occurrences o JOIN projection.board b ON b.pairing = o.pairing
WHERE o.type IN ('MeetingHeld', 'MeetingMissed');
COMMENT ON VIEW reporting.meetings IS 'A row a meeting that was held or missed.';
COMMENT ON COLUMN reporting.meetings.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.meetings.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.meetings."on" IS 'The day it was held or planned for.';
COMMENT ON COLUMN reporting.meetings.held IS 'It was held, not missed.';
COMMENT ON COLUMN reporting.meetings.minutes IS 'How long it took.';
COMMENT ON COLUMN reporting.meetings.mode IS 'in_person, video or phone, where it was told.';
COMMENT ON COLUMN reporting.meetings.missed_by IS 'mentor or protege, where it was told.';
COMMENT ON COLUMN reporting.meetings.recorded_as_of IS 'When it took effect in the record.';

CREATE VIEW reporting.deadlines AS
SELECT o.pairing, b.programme, o.kind AS deadline, o.number AS quarter, o.day AS due_on,
       CASE WHEN r.met_on IS NULL THEN 'missed' ELSE 'rescinded' END AS state, o.at AS missed_at, r.met_on
FROM projection.occurrences o JOIN projection.board b ON b.pairing = o.pairing
LEFT JOIN LATERAL (
    SELECT c.met_on FROM projection.occurrences c
    WHERE c.pairing = o.pairing AND c.version > o.version AND c.type = 'DeadlineMissRescinded'
      AND c.kind = o.kind AND c.day = o.day
    ORDER BY c.version LIMIT 1) r ON true
WHERE o.type = 'DeadlineMissed'
UNION ALL
SELECT b.pairing, b.programme, d.key, NULL, d.value::date, 'pending', NULL, NULL
FROM projection.board b CROSS JOIN LATERAL json_each_text(b.standing -> 'due') AS d
WHERE b.state IN ('active', 'paused') OR d.key = 'closure_review';
COMMENT ON VIEW reporting.deadlines IS 'A row a deadline that is pending or was missed. What was met in time leaves no row.';
COMMENT ON COLUMN reporting.deadlines.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.deadlines.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.deadlines.deadline IS
    'registration, assessment, workshop, goals, first_meeting, contract, meeting, feedback, evaluation or closure_review.';
COMMENT ON COLUMN reporting.deadlines.quarter IS 'Of feedback that was missed, its quarter.';
COMMENT ON COLUMN reporting.deadlines.due_on IS 'The last day in time.';
COMMENT ON COLUMN reporting.deadlines.state IS
    'pending, missed or rescinded (missed, but the evidence that came later was in time).';
COMMENT ON COLUMN reporting.deadlines.missed_at IS 'When it passed unmet.';
COMMENT ON COLUMN reporting.deadlines.met_on IS 'Of a rescinded one, the day of the evidence.';

CREATE VIEW reporting.flags AS
SELECT o.pairing, b.programme, o.kind AS signal, o.at AS raised_at, c.at AS cleared_at, c.at IS NULL AS open,
       EXISTS (SELECT FROM projection.occurrences a
               WHERE a.pairing = o.pairing AND a.type = 'FlagAcknowledged' AND a.kind = o.kind
                 AND a.version > o.version AND (c.version IS NULL OR a.version < c.version)) AS acknowledged
FROM projection.occurrences o JOIN projection.board b ON b.pairing = o.pairing
LEFT JOIN LATERAL (
    SELECT n.at, n.version FROM projection.occurrences n
    WHERE n.pairing = o.pairing AND n.version > o.version AND n.type = 'FlagCleared' AND n.kind = o.kind
    ORDER BY n.version LIMIT 1) c ON true
WHERE o.type = 'FlagRaised';
COMMENT ON VIEW reporting.flags IS 'A row for each time a flag was raised.';
COMMENT ON COLUMN reporting.flags.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.flags.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.flags.signal IS
    'blocked, never_started, silent, meetings_missed, overdue, feedback_missing, low_rating, reporting_line or closed_early.';
COMMENT ON COLUMN reporting.flags.raised_at IS 'When it was raised.';
COMMENT ON COLUMN reporting.flags.cleared_at IS 'When its condition ended, or the pairing did.';
COMMENT ON COLUMN reporting.flags.open IS 'It asks for somebody still.';
COMMENT ON COLUMN reporting.flags.acknowledged IS
    'Somebody has looked at it; who and what they said is not to be had here.';

CREATE VIEW reporting.feedback AS
SELECT o.pairing, b.programme, o.number AS quarter, w.role, o.day AS due_on, g.pairing IS NOT NULL AS given,
       g.day AS given_on, g.late, g.satisfaction, g.progress
FROM projection.occurrences o JOIN projection.board b ON b.pairing = o.pairing
CROSS JOIN (VALUES ('mentor'), ('protege')) AS w (role)
LEFT JOIN projection.occurrences g
       ON g.pairing = o.pairing AND g.type = 'FeedbackGiven' AND g.number = o.number AND g.by = w.role
WHERE o.type = 'FeedbackOpened';
COMMENT ON VIEW reporting.feedback IS 'A row a quarter that opened, and role: what was given, or nothing yet.';
COMMENT ON COLUMN reporting.feedback.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.feedback.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.feedback.quarter IS '1 or more.';
COMMENT ON COLUMN reporting.feedback.role IS 'mentor or protege.';
COMMENT ON COLUMN reporting.feedback.due_on IS 'The last day in time, as set when the quarter opened.';
COMMENT ON COLUMN reporting.feedback.given IS 'This role gave it.';
COMMENT ON COLUMN reporting.feedback.given_on IS 'The day of it.';
COMMENT ON COLUMN reporting.feedback.late IS 'It came after its due date.';
COMMENT ON COLUMN reporting.feedback.satisfaction IS '1 to 5.';
COMMENT ON COLUMN reporting.feedback.progress IS '1 to 5.';

CREATE VIEW reporting.closures AS
SELECT o.pairing, b.programme, CASE o.type WHEN 'TermEnded' THEN 'fulfilled' ELSE 'closed_early' END AS closure,
       o.kind AS reason, o.by AS initiator, coalesce(o.detail, 'meetings') AS step, o.day AS closed_on,
       o.day - b.proposed_on AS days, coalesce(o.number, 0) AS open_flags, r.at AS reviewed_at, r.detail AS review
FROM projection.occurrences o JOIN projection.board b ON b.pairing = o.pairing
LEFT JOIN projection.occurrences r ON r.pairing = o.pairing AND r.type = 'ClosureReviewed'
WHERE o.type = 'PairingClosedEarly' OR (o.type = 'TermEnded' AND o.kind = 'goals_met');
COMMENT ON VIEW reporting.closures IS 'A row a pairing that closed early, or whose term ended early as its goals were met.';
COMMENT ON COLUMN reporting.closures.pairing IS 'The pairing.';
COMMENT ON COLUMN reporting.closures.programme IS 'Its programme.';
COMMENT ON COLUMN reporting.closures.closure IS
    'closed_early, or fulfilled: the goals were met before the term was over.';
COMMENT ON COLUMN reporting.closures.reason IS
    'goals_met, mismatch, no_time, no_contact, role_change, participant_left, conflict_of_interest, misconduct, not_established or other.';
COMMENT ON COLUMN reporting.closures.initiator IS 'mentor, protege, mpm, hr or clock.';
COMMENT ON COLUMN reporting.closures.step IS 'The step it was in; of a fulfilled one, meetings.';
COMMENT ON COLUMN reporting.closures.closed_on IS 'The day of it.';
COMMENT ON COLUMN reporting.closures.days IS 'Days from the proposal to it.';
COMMENT ON COLUMN reporting.closures.open_flags IS 'How many flags were open when it closed.';
COMMENT ON COLUMN reporting.closures.reviewed_at IS 'When the MPM reviewed it.';
COMMENT ON COLUMN reporting.closures.review IS 'rematch or end.';

GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO pairway_reporting

-- away --
DROP VIEW IF EXISTS reporting.programmes, reporting.pairings, reporting.steps, reporting.meetings, reporting.deadlines, reporting.flags, reporting.feedback, reporting.closures
