-- append_event --
SELECT pairway.append_event(
    $1::text, $2::bigint, $3::text, $4::timestamptz, $5::timestamptz, $6::text, $7::text, $8::text, $9::text, $10::bytea)

-- append_each --
SELECT pairway.append_each(
    $1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[],
    $7::text[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[])

-- append_one_each --
SELECT stream, seq FROM pairway.append_one_each(
    $1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::bytea[])
