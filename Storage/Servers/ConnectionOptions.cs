using Streaming.Storage.Servers;

namespace Streaming.Storage;

/// <summary>Section <c>ConnectionStrings</c>, for silos of the servers family; a front in client mode reads <c>Orleans</c> and <c>Redis</c>. Secrets: from the environment, never logged.</summary>
public sealed class ConnectionOptions
{
    public const string Section = "ConnectionStrings";

    /// <summary>Citus, or a plain PostgreSQL 15: catalogue, view journal and totals.</summary>
    public string? Metadata { get; set; }

    /// <summary>PostgreSQL: people and their history.</summary>
    public string? Analytics { get; set; }

    /// <summary>Its logical replica; without one, reads that may lag go to the master.</summary>
    public string? AnalyticsReplica { get; set; }

    /// <summary>PostgreSQL: Orleans' membership, reminders and grain state.</summary>
    public string? Orleans { get; set; }

    /// <summary>MongoDB: reviews. Names the database in its path.</summary>
    public string? Mongo { get; set; }

    /// <summary>Redis: copies of totals and metadata for readers outside, presence. Without one both are left out.</summary>
    public string? Redis { get; set; }

    /// <summary>Reads each of them and connects nowhere; one that is missing or cannot be read throws <see cref="StartupException"/>.</summary>
    public IEnumerable<Action> Checks() =>
    [
        () => ServerConnections.Parse(nameof(Metadata), Metadata),
        () => ServerConnections.Parse(nameof(Analytics), Analytics),
        .. string.IsNullOrEmpty(AnalyticsReplica) ? (Action[])[] : [() => ServerConnections.Parse(nameof(AnalyticsReplica), AnalyticsReplica)],
        .. ClusterChecks(),
        () => ServerConnections.OpenMongo(Mongo).Client.Dispose(),
    ];

    /// <summary>The same of those that every program of a cluster has.</summary>
    public IEnumerable<Action> ClusterChecks() =>
    [
        () => ServerConnections.Parse(nameof(Orleans), Orleans),
        .. string.IsNullOrEmpty(Redis) ? (Action[])[] : [() => ServerConnections.ParseRedis(Redis!)],
    ];
}
