using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Streaming.Storage;

public enum StorageFamily
{
    /// <summary>SQLite files in a folder, held by one process.</summary>
    Embedded,

    /// <summary>Citus or PostgreSQL, MongoDB and Redis, named by <see cref="ConnectionOptions"/>.</summary>
    Servers,
}

/// <summary>Section <c>Storage</c>, for silos and fronts: which family of stores, and where it is.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The same for all programs of a cluster.</summary>
    public StorageFamily Family { get; set; } = StorageFamily.Embedded;

    /// <summary>Folder of the embedded family's files, and in Development of the fronts' keys. Held by one process at a time; its databases, keys and media are open to their user alone.</summary>
    [Required]
    public string Path { get; set; } = "./data";

    /// <summary>
    /// Whether a start of the servers family brings the databases to the newest schema. Where administrators do that,
    /// the start only checks that it was done.
    /// </summary>
    public bool Migrate { get; set; } = true;

    /// <summary>Seconds that a start waits for a PostgreSQL server that does not answer yet.</summary>
    [Range(0, 3_600)]
    public int StartWaitSeconds { get; set; } = 60;

    /// <summary>How many seconds the analytics replica may be behind and still be read. Its heartbeat alone makes up two.</summary>
    [Range(3, 3600)]
    public int ReplicaMaxLagSeconds { get; set; } = 10;
}

/// <summary>
/// Section <c>Storage:Federation</c>, for silos: where the metadata database finds the analytics databases, if not where this program
/// does (<see cref="ConnectionOptions"/>).
/// </summary>
public sealed class FederationOptions
{
    public const string Section = "Storage:Federation";

    /// <summary>Host of the analytics master.</summary>
    public string? AnalyticsHost { get; set; }

    /// <summary>Port of the analytics master.</summary>
    [Range(1, 65535)]
    public int? AnalyticsPort { get; set; }

    /// <summary>Host of the analytics replica.</summary>
    public string? ReplicaHost { get; set; }

    /// <summary>Port of the analytics replica.</summary>
    [Range(1, 65535)]
    public int? ReplicaPort { get; set; }
}

/// <summary>Section <c>Storage:Replication</c>, for silos: where the analytics replica finds its master, if not where this program does.</summary>
public sealed class ReplicationOptions
{
    public const string Section = "Storage:Replication";

    /// <summary>Host of the analytics master.</summary>
    public string? SourceHost { get; set; }

    /// <summary>Port of the analytics master.</summary>
    [Range(1, 65535)]
    public int? SourcePort { get; set; }
}

/// <summary>Section <c>Seed</c>, for silos: the demo data of a store without titles, made in Development only.</summary>
public sealed class SeedOptions
{
    public const string Section = "Seed";

    /// <summary>
    /// When not set, on in the embedded family, whose files are this program's own, and off in the servers family, whose
    /// databases may be anybody's. On with servers in another environment than Development, it keeps a silo from starting.
    /// </summary>
    public bool? Enabled { get; set; }

    /// <summary>Number of titles; people, reviews and history grow with it.</summary>
    [Range(1, 100_000)]
    public int Titles { get; set; } = 50;
}

/// <summary>Demo data on servers, which may be anybody's, is asked for in Development or not at all.</summary>
public sealed class SeedValidation(IHostEnvironment environment, StorageFamily family) : IValidateOptions<SeedOptions>
{
    public ValidateOptionsResult Validate(string? name, SeedOptions options) =>
        family == StorageFamily.Embedded || options.Enabled != true || environment.IsDevelopment() ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("Seed:Enabled: demo data is made in Development only, and a catalogue of another environment is not its place. Switch it off, or set ASPNETCORE_ENVIRONMENT to Development.");
}
