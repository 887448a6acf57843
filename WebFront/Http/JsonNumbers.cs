using System.Globalization;
using System.Text.Json;

namespace Streaming.WebFront;

/// <summary>
/// Reads the numbers of request bodies, for all routes alike: by value and not by spelling, so <c>1</c>, <c>1.0</c> and
/// <c>1e0</c> are the same, with the precision of a double (RFC 8259, section 6). What a double cannot hold, such as
/// <c>1e400</c>, is no number. A text that is a number is one: forms have no others, and pages send the value of an input.
/// </summary>
internal static class JsonNumbers
{
    public static double? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var number) ? Finite(number) : null,
        JsonValueKind.String => Read(value.GetString()),
        _ => null,
    };

    /// <exception cref="InvalidOperationException">It is a text that is not valid Unicode.</exception>
    public static double? Read(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => reader.TryGetDouble(out var number) ? Finite(number) : null,
        JsonTokenType.String => Read(reader.GetString()),
        _ => null,
    };

    public static double? Read(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Finite(number) : null;

    /// <summary>The number where it is whole and in its range; otherwise null.</summary>
    public static int? Whole(double? number, int min, int max) =>
        number is { } value && value >= min && value <= max && Math.Floor(value) == value ? (int)value : null;

    private static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
