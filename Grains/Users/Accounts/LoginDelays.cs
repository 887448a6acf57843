using System.Net;
using System.Net.Sockets;

namespace Streaming.Users;

/// <summary>
/// Failed attempts at one account by the address that they came from. The first few cost nothing; after each further
/// one the address must wait twice as long as before. No address is held up by another.
/// </summary>
internal sealed class LoginDelays(AccountOptions options, TimeProvider time)
{
    // About 100 bytes each. Whoever has more addresses than these gets the free failures again.
    public const int MaxAddresses = 256;

    // An address as text has at most 45 characters; anything else is told apart by its beginning.
    private const int MaxAddressLength = 64;

    private readonly Dictionary<string, Failures> addresses = [];

    /// <summary>For how long there is something to remember; zero for nothing.</summary>
    public TimeSpan Lifetime => addresses.Count == 0 ? TimeSpan.Zero : addresses.Values.Max(ForgottenAt) - time.GetUtcNow();

    /// <summary>
    /// Begins an attempt, and counts it as failed until something else is known: of many at once only as many are
    /// checked as would be one after the other. Returns how long to wait; zero when it may go on.
    /// </summary>
    public TimeSpan Begin(string address)
    {
        var now = time.GetUtcNow();
        Forget(now);
        var failures = addresses.GetValueOrDefault(address);
        var wait = failures.Last + Delay(failures.Count) - now;
        if (failures.Count > 0 && wait > TimeSpan.Zero)
            return wait;

        if (addresses.Count >= MaxAddresses && !addresses.ContainsKey(address))
            addresses.Remove(addresses.MinBy(pair => pair.Value.Last).Key);

        addresses[address] = new Failures(failures.Count + 1, now);
        return TimeSpan.Zero;
    }

    /// <summary>An attempt in which nothing was checked.</summary>
    public void Revert(string address)
    {
        if (addresses.TryGetValue(address, out var failures) && failures.Count > 1)
            addresses[address] = failures with { Count = failures.Count - 1 };
        else
            addresses.Remove(address);
    }

    public void Succeeded(string address) => addresses.Remove(address);

    /// <summary>What counts as one address: an IPv6 client has 2^64 of its own.</summary>
    public static string AddressOf(string text)
    {
        if (!IPAddress.TryParse(text, out var ip))
            return text.Length <= MaxAddressLength ? text : text[..MaxAddressLength];

        if (ip.IsIPv4MappedToIPv6)
            ip = ip.MapToIPv4();

        return ip.AddressFamily == AddressFamily.InterNetwork ? ip.ToString() : Convert.ToHexStringLower(ip.GetAddressBytes().AsSpan(0, 8));
    }

    private TimeSpan Delay(int failures)
    {
        var further = failures - options.FreeFailures;
        return further <= 0
            ? TimeSpan.Zero
            : TimeSpan.FromSeconds(Math.Min(options.MaxDelaySeconds, options.FirstDelaySeconds * Math.Pow(2, further - 1)));
    }

    private DateTimeOffset ForgottenAt(Failures failures) =>
        failures.Last + Delay(failures.Count) + TimeSpan.FromSeconds(options.MaxDelaySeconds);

    private void Forget(DateTimeOffset now)
    {
        foreach (var (address, failures) in addresses)
        {
            if (ForgottenAt(failures) <= now)
                addresses.Remove(address);
        }
    }

    private readonly record struct Failures(int Count, DateTimeOffset Last);
}
