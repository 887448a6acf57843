using System.Globalization;
using System.Text;

namespace Streaming.Users;

/// <summary>What of a text can be seen.</summary>
public static class VisibleText
{
    private static readonly Rune ObjectReplacement = new('\uFFFC');

    /// <summary>Whether there is anything to be seen in it.</summary>
    public static bool IsSeen(string text) => text.EnumerateRunes().Any(rune => !Rune.IsWhiteSpace(rune) && !IsHidden(rune));

    /// <summary>Controls, formats (of direction, of no width), and letters and marks that are drawn as nothing; also what is no character.</summary>
    public static bool IsHidden(Rune rune) => rune == Rune.ReplacementChar || rune == ObjectReplacement || Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned => true,
        _ => rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF),
    };

    /// <summary>Whether it ends the line, for who shows the text or reads it by lines.</summary>
    public static bool IsBreak(Rune rune) =>
        Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Whether it turns the direction of the text around it.</summary>
    public static bool IsBidirectionalControl(Rune rune) => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
