namespace Streaming.WebFront.Limits;

/// <summary>Section <c>Proxies</c>, for fronts: whose <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Prefix</c> are believed.</summary>
internal sealed class ProxyOptions
{
    public const string Section = "Proxies";

    /// <summary>Addresses and networks of your proxies.</summary>
    public IReadOnlyList<string> Known { get; set; } = [];

    /// <summary>How many of them stand one behind the other, 1 to 10.</summary>
    public string Hops { get; set; } = "1";
}
