using System.Globalization;
using System.Text;

namespace Streaming.Users;

/// <summary>A name that people read: of a person, of an API key.</summary>
public static class DisplayName
{
    /// <summary>The name in NFC, without blanks around it; false when it is blank, hidden, of several lines, or turns the text around it.</summary>
    public static bool TryRead(string text, int maxLength, out string name)
    {
        name = UnicodeText.Nfc(text.Trim(' ', '\u00A0', '\u3000'));
        var isSeen = false;
        foreach (var rune in name.EnumerateRunes())
        {
            // Of the others that cannot be seen, joiners and variation selectors stand in names of many languages, and in emoji.
            if (Rune.IsControl(rune) || VisibleText.IsBidirectionalControl(rune)
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                return false;
            }

            isSeen |= !Rune.IsWhiteSpace(rune) && !VisibleText.IsHidden(rune);
        }

        return isSeen && name.Length <= maxLength;
    }
}
