using System.Buffers.Text;
using Streaming.Content;
using Streaming.Reviews;

namespace Streaming.WebFront.Content;

/// <summary>A title with everything that a page about it shows.</summary>
/// <param name="Reviews">The newest 50.</param>
/// <param name="RealTimeViews">The live view count.</param>
/// <param name="WatchingNow">Sessions that watch the title now, by their heartbeats.</param>
/// <param name="RatingSummary">Null while the reviews cannot be read.</param>
/// <param name="ReviewsTotal">Number of all reviews; null while they cannot be read.</param>
/// <param name="ReviewsAvailable">False while the reviews cannot be read, and so are missing here; all else is as always.</param>
internal sealed record ContentDetails(
    ContentRow Metadata,
    NamedReview[] Reviews,
    long RealTimeViews,
    int WatchingNow,
    Genre[] Genres,
    CastMember[] Cast,
    RatingSummary? RatingSummary,
    long? ReviewsTotal,
    bool ReviewsAvailable)
{
    private static readonly ReadOnlyMemory<byte> MetadataIs = "{\"metadata\":"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> ReviewsAre = ",\"reviews\":"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> ViewsAre = ",\"real_time_views\":"u8.ToArray();

    private static readonly ReadOnlyMemory<byte> WatchingAre = ",\"watching_now\":"u8.ToArray();

    /// <summary>This record's JSON, put together from what the title's grain has rendered.</summary>
    public static Utf8Result Compose(RenderedDetails details) => Utf8Result.Json(
        Validators.Weak(details.Version, details.Views, details.Watching),
        MetadataIs, details.Row, ReviewsAre, details.Reviews, ViewsAre, Digits(details.Views), WatchingAre, Digits(details.Watching), details.Rest);

    private static ReadOnlyMemory<byte> Digits(long value)
    {
        var digits = new byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        return digits.AsMemory(0, length);
    }
}
