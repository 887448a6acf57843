using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront;

/// <summary>Content negotiation by the quality values of <c>Accept</c> (RFC 9110, 12.5.1).</summary>
internal static class AcceptedType
{
    private const string Json = "application/json";

    // How closely a range names an offer.
    private const int Exactly = 3;
    private const int ByFamily = 2;
    private const int AsAnything = 1;

    /// <summary>
    /// The place of the offer that the client likes best: of those it likes alike the one it names most closely, then the one it names first.
    /// The first one when it says nothing, and when it accepts none: refusing would not undo what the request has done.
    /// </summary>
    public static int Choose(StringValues accept, params ReadOnlySpan<string> offers)
    {
        if (accept.Count == 0 || accept is ["*/*"] || !MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return 0;

        var (best, liked) = (0, default(Match));
        for (var i = 0; i < offers.Length; i++)
        {
            var match = Find(offers[i], ranges);
            if (match.IsBetterThan(liked))
                (best, liked) = (i, match);
        }

        return best;
    }

    /// <summary>The range that holds for an offer: the one that names it most closely.</summary>
    private static Match Find(string offer, IList<MediaTypeHeaderValue> ranges)
    {
        var found = default(Match);
        for (var i = 0; i < ranges.Count; i++)
        {
            var closeness = Closeness(ranges[i], offer);
            if (closeness > found.Closeness)
                found = new Match(ranges[i].Quality ?? 1, closeness, i);
        }

        return found;
    }

    private static int Closeness(MediaTypeHeaderValue range, string offer)
    {
        if (range.MatchesAllTypes)
            return AsAnything;

        if (range.MediaType.Equals(offer, StringComparison.OrdinalIgnoreCase))
            return Exactly;

        var type = offer.AsSpan(0, offer.IndexOf('/', StringComparison.Ordinal));
        var isFamily = range.MatchesAllSubTypes && range.Type.AsSpan().Equals(type, StringComparison.OrdinalIgnoreCase);
        // Whoever asks for a dialect of JSON reads JSON.
        return isFamily || (offer == Json && IsJson(range)) ? ByFamily : 0;
    }

    private static bool IsJson(MediaTypeHeaderValue range) =>
        range.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase) || range.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);

    private readonly record struct Match(double Quality, int Closeness, int Place)
    {
        public bool IsBetterThan(Match other) =>
            Quality != other.Quality ? Quality > other.Quality
            : Quality > 0 && (Closeness != other.Closeness ? Closeness > other.Closeness : Place < other.Place);
    }
}
