-- load --
SELECT stream, programme, version, revision, barred, wrapped, destroyed, types, ats, datas, waits
FROM pairway.load($1::text[], $2::integer[])
