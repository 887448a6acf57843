using Orleans.Configuration;

namespace Streaming.Silo;

/// <summary>
/// Whether one silo alone may declare another dead. Orleans lets it where there are only two, since nobody else could agree; but on a
/// machine without processor to spare each of the two finds the other silent.
/// </summary>
internal sealed class DeathDeclarationPolicy(SiloAddress self, ClusterMembershipOptions limits, ProcessorPauses pauses, TimeProvider time)
{
    /// <summary>After so long even a silo that stands still again and again is believed: dead silos must not stay for ever.</summary>
    private static readonly TimeSpan MaxDoubt = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private SiloAddress? doubted;
    private long doubtedSince;

    /// <param name="entry">The other's row, with the votes against it, as it would be written.</param>
    public bool Allows(MembershipEntry entry)
    {
        // Itself, and the silo that was at this address before.
        if (entry.SiloAddress.Endpoint.Equals(self.Endpoint) || CountVoters(entry) > 1)
            return true;

        if (pauses.WereRecent && !HasDoubtedLong(entry.SiloAddress))
            return false;

        // Both of two compare alike: the elder may, and the younger only when the elder has stopped signing the table, by which
        // both cannot end. A killed elder costs the younger the rest of that time, a killed younger nothing.
        return IsElder(entry.SiloAddress) || HasStoppedSigning(entry);
    }

    private int CountVoters(MembershipEntry entry)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return (entry.SuspectTimes ?? [])
            .Where(vote => now - vote.Item2 < limits.DeathVoteExpirationTimeout)
            .Select(vote => vote.Item1)
            .Distinct()
            .Count();
    }

    private bool IsElder(SiloAddress other) =>
        self.Generation != other.Generation ? self.Generation < other.Generation : self.CompareTo(other) < 0;

    private bool HasStoppedSigning(MembershipEntry entry)
    {
        var signed = entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime;
        return time.GetUtcNow().UtcDateTime - signed > limits.IAmAliveTablePublishTimeout * limits.NumMissedTableIAmAliveLimit;
    }

    private bool HasDoubtedLong(SiloAddress other)
    {
        lock (gate)
        {
            // One that answered again in between begins anew.
            if (!other.Equals(doubted) || time.GetElapsedTime(doubtedSince) > MaxDoubt * 3)
                (doubted, doubtedSince) = (other, time.GetTimestamp());

            return time.GetElapsedTime(doubtedSince) > MaxDoubt;
        }
    }
}
