using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Streaming.Viewing;

namespace Streaming.WebFront.Auth;

/// <summary>Reads a request's <c>Authorization</c>: <c>Bearer</c> and an access token, or <c>ApiKey</c> and its secret. Makes no call.</summary>
internal sealed class CallerReader(AccessTokens tokens, RevocationCache revocations)
{
    private const string Bearer = "Bearer ";
    private const string ApiKey = "ApiKey ";
    private const int MaxSecret = 256;

    public async ValueTask<CallerReading> ReadAsync(HttpRequest request)
    {
        var header = request.Headers.Authorization;
        if (StringValues.IsNullOrEmpty(header))
            return new CallerReading(CallerStatus.Missing);

        var text = header.ToString();
        if (header.Count != 1)
            return new CallerReading(CallerStatus.Bad);

        if (text.StartsWith(ApiKey, StringComparison.OrdinalIgnoreCase))
            return Answer(Secret(text) is { } hash && revocations.IsFresh ? revocations.FindKey(hash) : null);

        if (Token(text) is not { } token || await tokens.ReadAsync(token) is not { } content)
            return new CallerReading(CallerStatus.Bad);

        return Answer(revocations.FindCaller(content));
    }

    /// <summary>The API key that a request on a public route was sent with, where it is a good one.</summary>
    public Caller.Collector? FindCollector(HttpRequest request) =>
        request.Headers.TryGetValue(HeaderNames.Authorization, out var header) && header.Count == 1 && header.ToString() is var text
        && text.StartsWith(ApiKey, StringComparison.OrdinalIgnoreCase) && Secret(text) is { } hash && revocations.IsFresh
            ? revocations.FindKey(hash)
            : null;

    /// <summary>
    /// Whose keys for idempotency a request on a public route uses. A token that has expired still says so: a client's
    /// repeat must not become another's because it took long.
    /// </summary>
    public ValueTask<string> SubjectAsync(HttpRequest request)
    {
        return request.Headers.TryGetValue(HeaderNames.Authorization, out var header) && header.Count == 1 && Token(header.ToString()) is { } token
            ? ReadAsync(token)
            : new ValueTask<string>(Receipts.Anonymous);

        async ValueTask<string> ReadAsync(string text) =>
            await tokens.ReadExpiredAsync(text) is { } content ? Caller.SubjectOf(content.UserId) : Receipts.Anonymous;
    }

    private CallerReading Answer(Caller? caller) =>
        !revocations.IsFresh ? new CallerReading(CallerStatus.Unknown)
        : caller is null ? new CallerReading(CallerStatus.Bad)
        : new CallerReading(CallerStatus.Known, caller);

    private static string? Token(string header) => header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : null;

    private static byte[]? Secret(string header) =>
        header.Length <= ApiKey.Length + MaxSecret ? SHA256.HashData(Encoding.UTF8.GetBytes(header[ApiKey.Length..].Trim())) : null;
}

internal enum CallerStatus
{
    /// <summary>Nothing was sent.</summary>
    Missing,

    /// <summary>What was sent is not good, or no longer.</summary>
    Bad,

    /// <summary>It may be good; this front cannot tell now.</summary>
    Unknown,
    Known,
}

/// <param name="Caller">Null unless known.</param>
internal readonly record struct CallerReading(CallerStatus Status, Caller? Caller = null);
