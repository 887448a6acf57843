using System.Globalization;
using System.Text.Json;

namespace Streaming.WebFront;

/// <summary>
/// Reads the numbers of request bodies, for all routes alike: by value and not by spelling, so <c>1</c>, <c>1.0</c> and
/// <c>1e0</c> are the same, with the precision of a double (RFC 8259, section 6). What a double cannot hold, such as
/// <c>1e400</c>, is no number.
/// </summary>
internal static class JsonNumbers
{
    public static double? Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) ? Finite(number) : null;

    public static double? Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out var number) ? Finite(number) : null;

    /// <summary>A text that is a number: forms have no others.</summary>
    public static double? Read(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Finite(number) : null;

    /// <summary>The number where it is whole and in its range; otherwise null.</summary>
    public static int? Whole(double? number, int min, int max) =>
        number is { } value && value >= min && value <= max && Math.Floor(value) == value ? (int)value : null;

    private static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
