using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Streaming.WebFront.Limits;

/// <summary>
/// Section <c>RateLimits</c>, for fronts: what one client may ask of one front. A client is an account where the request has a
/// caller, and otherwise a network address: a whole school may stand behind one, so the numbers are for a school.
/// </summary>
public sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>Off for measurements.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Clients remembered for each limit, at about 100 bytes; further ones share a few buckets until others are forgotten.</summary>
    [Range(100, 10_000_000)]
    public int MaxClients { get; set; } = 100_000;

    /// <summary>
    /// Log-ins, and what else checks a password. Each costs tens of milliseconds of a core: three classes at once, and then
    /// so few that one address does not fill the queue of those that wait to be checked.
    /// </summary>
    [ValidateObjectMembers]
    public RateLimitRule Login { get; set; } = new(100, 120);

    /// <summary>Registrations: a class at once. What they make stays, so they are fewer than log-ins.</summary>
    [ValidateObjectMembers]
    public RateLimitRule Registration { get; set; } = new(50, 30);

    /// <summary>
    /// All that changes something and has no limit of its own. A player sends a heartbeat every few seconds, a user hardly
    /// more than that by hand; 50 a second is also what a hundred players of one account or address send.
    /// </summary>
    [ValidateObjectMembers]
    public RateLimitRule Writes { get; set; } = new(500, 3_000);

    /// <summary>
    /// Reads: a thousand pupils who each open a page of thirty requests twice a minute, and still a small part of what
    /// one front answers.
    /// </summary>
    [ValidateObjectMembers]
    public RateLimitRule Reads { get; set; } = new(5_000, 60_000);

    /// <summary>Single views: as reads, since a site may record the views of all its visitors from one address.</summary>
    [ValidateObjectMembers]
    public RateLimitRule Views { get; set; } = new(5_000, 60_000);

    /// <summary>Requests of collectors, by their key. One may carry 10,000 views; the ledger refuses before this does.</summary>
    [ValidateObjectMembers]
    public RateLimitRule Collectors { get; set; } = new(20_000, 600_000);
}

/// <summary>A token bucket.</summary>
public sealed class RateLimitRule
{
    public RateLimitRule()
    {
    }

    public RateLimitRule(int burst, int perMinute) => (Burst, PerMinute) = (burst, perMinute);

    /// <summary>Requests at once after a pause.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; }

    /// <summary>Requests a minute in the long run.</summary>
    [Range(1, 10_000_000)]
    public int PerMinute { get; set; }
}
