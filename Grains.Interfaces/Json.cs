using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Streaming.Content;
using Streaming.Reviews;
using Streaming.Viewing;

namespace Streaming;

/// <summary>The JSON of the public contract: snake_case names, dates as <c>2026-01-31T12:00:00.000Z</c>, nulls written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(IsoDateConverter)])]
[JsonSerializable(typeof(ContentRow))]
[JsonSerializable(typeof(ContentCredits))]
[JsonSerializable(typeof(Review[]))]
[JsonSerializable(typeof(NamedReview[]))]
[JsonSerializable(typeof(RatingSummary))]
[JsonSerializable(typeof(TrendingTitle[]))]
[JsonSerializable(typeof(WatchedTitle[]))]
[JsonSerializable(typeof(ResumePosition[]))]
[JsonSerializable(typeof(Guid[]))]
[JsonSerializable(typeof(long))]
public sealed partial class StreamingJson : JsonSerializerContext
{
    /// <summary>
    /// The contract's context. It leaves non-ASCII letters as they are, as the systems it replaces do;
    /// responses are sent as <c>application/json</c> with <c>nosniff</c>, never inside HTML.
    /// </summary>
    public static StreamingJson Contract { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new IsoDateConverter() },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

/// <summary>UTC with milliseconds and a <c>Z</c>, as JavaScript's <c>toISOString</c> writes it.</summary>
public sealed class IsoDateConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
}
