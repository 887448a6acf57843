-- Removes silos that are dead (6), and these not before all that is known of their end is old: start, last sign of life, votes
-- ("address,2026-01-31 12:00:00.000 GMT|..."). One that joins or stops may be silent for long, and to lose its row is its end.
UPDATE OrleansQuery SET QueryText = '
    DELETE FROM OrleansMembershipTable
    WHERE DeploymentId = @DeploymentId AND Status = 6 AND IAmAliveTime < @IAmAliveTime AND StartTime < @IAmAliveTime
        AND NOT EXISTS (
            SELECT 1 FROM regexp_matches(SuspectTimes, '',(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) GMT'', ''g'') AS vote (moment)
            WHERE (vote.moment[1] || ''+00'')::timestamptz >= @IAmAliveTime);
' WHERE QueryKey = 'CleanupDefunctSiloEntriesKey';
