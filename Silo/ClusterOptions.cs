using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Streaming.Silo;

/// <summary>Where the grains of a front live.</summary>
public enum ClusterMode
{
    /// <summary>In its own process, which hosts a silo.</summary>
    Embedded,

    /// <summary>In silos that are processes of their own.</summary>
    Client,
}

/// <summary>Section <c>Cluster</c>.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    public ClusterMode Mode { get; set; } = ClusterMode.Embedded;

    /// <summary>Silos and fronts with the same name find each other in the membership table.</summary>
    [Required, StringLength(100)]
    public string Id { get; set; } = "streaming";

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
    /// How long <c>/health/ready</c> says 503 at a stop before the listeners close, so that load balancers turn away first.
    /// The servers family only: one process alone has nobody to hand over to.
    /// </summary>
    [Range(0, 60)]
    public int DrainSeconds { get; set; } = 2;

    /// <summary>How long a front in client mode waits at its start for a silo.</summary>
    [Range(0, 3_600)]
    public int ConnectSeconds { get; set; } = 60;

    /// <exception cref="OptionsValidationException">A value is out of its range.</exception>
    public static ClusterOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(Section).Get<ClusterOptions>() ?? new ClusterOptions();
        var errors = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), errors, validateAllProperties: true)
            ? options
            : throw new OptionsValidationException(Section, typeof(ClusterOptions), errors.Select(error => $"{Section}: {error.ErrorMessage}"));
    }
}
