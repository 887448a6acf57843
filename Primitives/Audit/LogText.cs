using System.Text;
using System.Text.RegularExpressions;
using Streaming.Users;

namespace Streaming.Audit;

/// <summary>Makes a text fit for the log: well-formed, on one line, no longer than its limit, without what must not be kept.</summary>
public static partial class LogText
{
    public const string Removed = "[removed]";

    public static string Clean(string? text, int maxLength)
    {
        // Cut before and after: what is looked through stays short, and what takes the place of a secret may be longer.
        text = Cut(text ?? "", maxLength);
        if (text.Contains('@', StringComparison.Ordinal))
            text = Email().Replace(text, Removed);

        if (text.Contains("eyJ", StringComparison.Ordinal))
            text = Token().Replace(text, Removed);

        return Cut(WithoutControls(text), maxLength);
    }

    /// <summary>The first id in a text that is not <paramref name="known"/>; null without one.</summary>
    public static Guid? FindId(string text, Guid? known)
    {
        foreach (var match in Id().EnumerateMatches(text))
        {
            if (Guid.TryParseExact(text.AsSpan(match.Index, match.Length), "D", out var id) && id != known)
                return id;
        }

        return null;
    }

    /// <summary>Whether the id is in the text, in whatever case, with its hyphens or without.</summary>
    public static bool Names(string text, Guid id) =>
        text.Replace("-", "", StringComparison.Ordinal).Contains(id.ToString("N"), StringComparison.OrdinalIgnoreCase);

    private static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
            return text;

        return char.IsHighSurrogate(text[maxLength - 1]) ? text[..(maxLength - 1)] : text[..maxLength];
    }

    /// <summary>
    /// A line break would let a text pass for two entries, what turns the text would show it as another, and halves of surrogate
    /// pairs are refused by some stores.
    /// </summary>
    private static string WithoutControls(string text)
    {
        if (Ascii.IsValid(text) && !text.Any(char.IsControl))
            return text;

        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            clean.Append(VisibleText.IsBreak(rune) || VisibleText.IsBidirectionalControl(rune) ? " " : rune.ToString());

        return clean.ToString();
    }

    [GeneratedRegex("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")]
    private static partial Regex Id();

    // Begins at the beginning of a word only, so that a long text is read once.
    [GeneratedRegex(@"(?<![^\s<>""'(),;:=])[^\s<>""'(),;:=@]+@[^\s<>""'(),;:=@]+\.[^\s<>""'(),;:=@.]+")]
    private static partial Regex Email();

    [GeneratedRegex(@"eyJ[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]*)?")]
    private static partial Regex Token();
}
