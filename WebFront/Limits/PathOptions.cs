namespace Streaming.WebFront.Limits;

/// <summary>For fronts.</summary>
internal sealed class PathOptions
{
    /// <summary>It is in none.</summary>
    public const string Section = "";

    /// <summary>A path under which proxies publish the service, such as <c>/streaming</c>.</summary>
    public string? PathBase { get; set; }
}
