using System.ComponentModel.DataAnnotations;

namespace Streaming.Silo;

/// <summary>Section <c>Dashboard</c>, for silos and fronts: the Orleans Dashboard. The same in all silos and fronts of a cluster, or a front shows less than there is.</summary>
public sealed class DashboardOptions
{
    public const string Section = "Dashboard";

    /// <summary>
    /// On, since it lets administrators alone in and, as it is set up here, costs nothing worth naming until one of them
    /// watches. Off: a silo collects nothing, and a front has no such routes, cookies or keys.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// Shows calls, times and failures of each grain method while somebody watches. Off, since every grain call pays for the
    /// filter that it needs, watched or not: an object and three asynchronous frames more.
    /// </summary>
    public bool Profiling { get; set; }

    /// <summary>Seconds between two collections of its numbers; each time all silos count their activations.</summary>
    [Range(1, 3_600)]
    public int UpdateSeconds { get; set; } = 5;
}
