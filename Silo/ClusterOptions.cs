using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Streaming.Storage;

namespace Streaming.Silo;

/// <summary>Where the grains of a front live.</summary>
public enum ClusterMode
{
    /// <summary>In its own process, which hosts a silo.</summary>
    Embedded,

    /// <summary>In silos that are processes of their own.</summary>
    Client,
}

/// <summary>Section <c>Cluster</c>, for silos and fronts: where the grains live, and how the programs of a cluster find each other.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Where the grains of a front live; silos have no use for it.</summary>
    public ClusterMode Mode { get; set; } = ClusterMode.Embedded;

    /// <summary>Silos and fronts with the same name find each other in the membership table.</summary>
    [Required, StringLength(100)]
    public string Id { get; set; } = "streaming";

    /// <summary>What logs, the dashboard and the membership table call this silo, such as the name of its pod. By default a name by chance.</summary>
    [StringLength(100, MinimumLength = 1)]
    public string? SiloName { get; set; }

    /// <summary>Port between silos; 0 takes a free one.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; set; }

    /// <summary>Port for fronts in client mode; 0 takes a free one. The embedded family has none.</summary>
    [Range(0, 65_535)]
    public int GatewayPort { get; set; }

    /// <summary>
    /// The address, or a name that has exactly one, at which other silos and fronts reach this silo. Loopback unless it is set:
    /// traffic between silos is neither encrypted nor authenticated and belongs on a private network.
    /// </summary>
    [Required]
    public string AdvertisedAddress { get; set; } = "127.0.0.1";

    /// <summary>Listen on all addresses of the machine, where the advertised one is not its own (address translation).</summary>
    public bool ListenOnAny { get; set; }

    /// <summary>
    /// Seconds for which <c>/health/ready</c> says 503 at a stop before the listeners close, so that load balancers turn away first.
    /// The servers family only: one process alone has nobody to hand over to.
    /// </summary>
    [Range(0, 60)]
    public int DrainSeconds { get; set; } = 2;

    /// <summary>Seconds that a front in client mode waits at its start for a silo.</summary>
    [Range(0, 3_600)]
    public int ConnectSeconds { get; set; } = 60;

    /// <summary>What a process with a silo in it can be.</summary>
    /// <exception cref="StartupException">It cannot be that.</exception>
    public void CheckSilo(StorageFamily family, bool ofItsOwn)
    {
        if (ofItsOwn && Mode == ClusterMode.Client)
            throw new StartupException("Cluster:Mode is Client, and a silo is nobody's client. Leave it out here, and set it for WebFront.");

        if (ofItsOwn && family != StorageFamily.Servers)
            throw new StartupException("A silo of its own needs Storage:Family=Servers, since the embedded family lives in one process: start WebFront, which hosts a silo, or name the servers.");

        if (SiloPort != 0 && SiloPort == GatewayPort && family == StorageFamily.Servers)
            throw new StartupException($"Cluster:SiloPort and Cluster:GatewayPort are both {SiloPort}. Give each a port of its own, or 0 for a free one.");
    }

    /// <exception cref="OptionsValidationException">A value is out of its range.</exception>
    public static ClusterOptions Read(IConfiguration configuration)
    {
        var options = configuration.Read<ClusterOptions>(Section);
        var errors = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true)
            ? options
            : throw new OptionsValidationException(Section, typeof(ClusterOptions), errors.Select(error => $"{Section}: {error.ErrorMessage}"));
    }
}
