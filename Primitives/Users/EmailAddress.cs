using System.Security.Cryptography;
using System.Text;

namespace Streaming.Users;

public static class EmailAddress
{
    public const int MaxLength = 254;

    /// <summary>The address without what stands around it; false when it is none.</summary>
    public static bool TryRead(string text, out string email)
    {
        email = text.Trim();
        return IsValid(email);
    }

    /// <summary>One at sign with something before it and a dot-free or dotted name after it, no blanks, nothing that cannot be seen; in the normal form too.</summary>
    public static bool IsValid(string text) => text.Length <= MaxLength && IsPlain(text) && IsPlain(Normalize(text));

    /// <summary>The form in which an address has one account: NFKC, case-folded, the dots of its domain as names have them (UTS #46).</summary>
    public static string Normalize(string email)
    {
        var normal = UnicodeText.NfkcFold(email);
        var domain = normal.IndexOf('@', StringComparison.Ordinal) + 1;
        // NFKC has made this of the half-width one, and a full stop of the full-width one.
        return domain == 0 ? normal : normal[..domain] + normal[domain..].Replace('\u3002', '.');
    }

    /// <summary>The normal form, hashed: a grain's key shows in logs and in the dashboard, and must not tell it.</summary>
    public static string Key(string email) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Normalize(email))));

    private static bool IsPlain(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && at == text.LastIndexOf('@') && text.EnumerateRunes().All(rune => !Rune.IsWhiteSpace(rune) && !VisibleText.IsHidden(rune));
    }
}
