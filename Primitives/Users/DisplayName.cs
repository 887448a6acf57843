namespace Streaming.Users;

/// <summary>A name that people read: of a person, of an API key.</summary>
public static class DisplayName
{
    /// <summary>The name in NFC, without blanks around it; false when it is blank, hidden, of several lines, or turns the text around it.</summary>
    public static bool TryRead(string text, int maxLength, out string name)
    {
        name = UnicodeText.Nfc(text.Trim(' ', '\u00A0', '\u3000'));
        return name.Length <= maxLength && IsReadable(name);
    }

    /// <summary>Whether it can be seen, is on one line, and does not turn the text around it.</summary>
    public static bool IsReadable(string text) =>
        // Of the others that cannot be seen, joiners and variation selectors stand in names of many languages, and in emoji.
        VisibleText.IsSeen(text) && !text.EnumerateRunes().Any(rune => VisibleText.IsBreak(rune) || VisibleText.IsBidirectionalControl(rune));
}
