using System.Text.Json;
using Streaming.Reviews;

namespace Streaming.Content;

/// <summary>What a title's details show besides its row and its live numbers, as JSON.</summary>
internal sealed class DetailsRendering
{
    /// <summary>How long details without reviews are shown before the reviews are asked for again.</summary>
    public static readonly TimeSpan LifetimeWithoutReviews = TimeSpan.FromSeconds(2);

    // Its two arrays' headers, its own fields, its entry in the cache and the key of that.
    private const int Overhead = 400;

    private static readonly byte[] NoReviews = "[]"u8.ToArray();

    private readonly byte[] reviews;
    private readonly byte[] rest;
    private readonly DateTimeOffset freshUntil;

    // Reckoned once a rendering: requests for details are many.
    private readonly ulong version;

    private DetailsRendering(byte[] reviews, byte[] rest, DateTimeOffset freshUntil)
    {
        this.reviews = reviews;
        this.rest = rest;
        this.freshUntil = freshUntil;
        version = ContentVersion.Of(reviews, rest);
    }

    /// <summary>What it takes in memory, about.</summary>
    public int Bytes => reviews.Length + rest.Length + Overhead;

    /// <param name="credits">UTF-8 JSON of the title's <see cref="ContentCredits"/>, whose fields join the details'.</param>
    /// <param name="reviews">Null while the reviews cannot be read.</param>
    public static DetailsRendering Render(byte[] credits, RenderedReviews? reviews, DateTimeOffset now)
    {
        if (reviews is null)
        {
            byte[] without =
            [
                .. ","u8, .. credits.AsSpan()[1..^1],
                .. ",\"rating_summary\":null,\"reviews_total\":null,\"reviews_available\":false}"u8,
            ];
            return new DetailsRendering(NoReviews, without, now + LifetimeWithoutReviews);
        }

        byte[] rest =
        [
            .. ","u8, .. credits.AsSpan()[1..^1],
            .. ",\"rating_summary\":"u8, .. reviews.Summary,
            .. ",\"reviews_total\":"u8, .. JsonSerializer.SerializeToUtf8Bytes(reviews.Total, StreamingJson.Contract.Int64),
            .. ",\"reviews_available\":true}"u8,
        ];
        return new DetailsRendering(reviews.Reviews, rest, now + RatingPrior.Lifetime);
    }

    /// <summary>
    /// Whether it may still be shown: the overall mean in its summary moves, and for a moment after a silo died a change
    /// may have been told to another activation.
    /// </summary>
    public bool IsFresh(TimeProvider time) => time.GetUtcNow() < freshUntil;

    public RenderedDetails With(RenderedRow row, long views, int watching) =>
        new(row.Row, reviews, views, watching, rest, ContentVersion.Combine(row.Version, version));
}
