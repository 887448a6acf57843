using System.Collections.Frozen;

namespace Streaming.Users;

/// <summary>What a new password must be. One that is set already is never looked at by these.</summary>
public static class PasswordRules
{
    /// <summary>Longer passwords are refused.</summary>
    public const int MaxLength = 256;

    private static readonly Lazy<FrozenSet<string>> Common = new(ReadCommon);

    /// <summary>Why it is none for the account of this e-mail, as the end of a sentence; null when it is one.</summary>
    /// <param name="minLength">In characters, as people count them.</param>
    public static string? Refuse(string password, string? email, int minLength)
    {
        if (password.Length > MaxLength || UnicodeText.Nfc(password).EnumerateRunes().Count() < minLength)
            return $"must have {minLength} to {MaxLength} characters.";

        var folded = UnicodeText.NfkcFold(password);
        // What stands around it, or cannot be seen in it, makes it no harder to guess.
        var bare = Bare(folded);
        if (Common.Value.Contains(folded) || Common.Value.Contains(bare) || folded.All(c => c == folded[0]) || bare.All(c => c == bare[0]))
            return "is one of the most common passwords; choose another one.";

        return email is not null && IsOf(EmailAddress.Normalize(email), bare) ? "must not be the e-mail address; choose another one." : null;
    }

    private static string Bare(string password) =>
        string.Concat(password.EnumerateRunes().Where(rune => !VisibleText.IsHidden(rune)).Select(rune => rune.ToString())).Trim();

    private static bool IsOf(string email, string password) => password == email || password == email[..Math.Max(0, email.IndexOf('@', StringComparison.Ordinal))];

    private static FrozenSet<string> ReadCommon()
    {
        using var reader = new StreamReader(typeof(PasswordRules).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("# ", StringComparison.Ordinal))
                lines.Add(line);
        }

        return lines.ToFrozenSet(StringComparer.Ordinal);
    }
}
