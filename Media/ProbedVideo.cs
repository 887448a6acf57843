using System.Globalization;
using System.Text.Json;

namespace Streaming.Media;

/// <summary>What ffprobe says of a file.</summary>
/// <param name="HasPictures">Null when it did not come to an end by itself.</param>
/// <param name="Codec">The tag of the container where it has one, otherwise the codec's name.</param>
internal sealed record ProbedVideo(bool? HasPictures, string? Codec = null, double? DurationSeconds = null, long Pixels = 0)
{
    /// <summary>Reads its JSON, which is as trustworthy as the file.</summary>
    public static ProbedVideo Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            double? duration = null;
            if (root.TryGetProperty("format", out var format) && Text(format, "duration") is { } text
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && double.IsFinite(seconds) && seconds > 0)
            {
                duration = seconds;
            }

            if (!root.TryGetProperty("streams", out var streams) || streams.ValueKind != JsonValueKind.Array || streams.GetArrayLength() == 0)
                return new ProbedVideo(false, null, duration);

            var stream = streams[0];
            return new ProbedVideo(true, CodecOf(stream), duration, Number(stream, "width") * Number(stream, "height"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new ProbedVideo(HasPictures: null);
        }
    }

    private static string? CodecOf(JsonElement stream)
    {
        // "[0][0][0][0]" where there is none, and numbers in brackets for what is no letter.
        var tag = Text(stream, "codec_tag_string");
        var codec = tag is { Length: 4 } && !tag.Contains('[', StringComparison.Ordinal) ? tag.Trim() : Text(stream, "codec_name");
        return codec is { Length: > 0 and <= 40 } ? codec : null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
