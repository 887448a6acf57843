using Orleans.Configuration;

namespace Streaming.Silo;

/// <summary>
/// How silos watch each other. A silo that is killed should be out of the membership within a few seconds, since its titles
/// answer again only then; a silo that is merely slow should stay, since a false death costs a restart, every grain in
/// its memory, and the wait of whoever has a commit there.
/// </summary>
internal static class Membership
{
    public static void Tune(ClusterMembershipOptions membership)
    {
        // One probe a second; the time-out adapts to what a silo's answers usually take, within these bounds. Below a second
        // a pause for garbage collection, or both cores busy, would look like a missed probe.
        membership.ProbeTimeout = membership.MinProbeTimeout = TimeSpan.FromSeconds(1);

        // A connection that has brought any message within MaxProbeTimeout times NumMissedProbesLimit keeps its silo alive, whatever the
        // probes say: what protects a busy silo. A killed one has no connection; a paused one stays for those 6 s.
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedProbesLimit = 3;

        // Two silos must agree where there are three or more, so that one silo which hears nobody cannot empty the cluster. It costs
        // no time: the last probe goes through another silo, whose word is the second vote. Of two silos one vote is enough.
        membership.NumVotesForDeathDeclaration = 2;

        // A silo that has not signed the table for three of these counts neither as a voter nor as one whom a new silo must reach.
        // That is what lets a sole survivor bury two others, and a new silo start after all were killed.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedTableIAmAliveLimit = 3;

        // Changes travel by gossip; reading the table is for whoever missed one.
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);

        // A silo that was killed while it joined is in the way of nobody; its row goes after this. Five minutes by default.
        membership.MaxJoinAttemptTime = TimeSpan.FromMinutes(1);
    }
}
