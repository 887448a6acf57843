using Streaming.Users;

namespace Streaming.Storage;

/// <summary>Roles and subjects as both families' columns hold them.</summary>
internal static class AccountRoles
{
    public static string ToColumn(this AccountRole role) => role == AccountRole.Admin ? "admin" : "user";

    /// <exception cref="InvalidDataException">A role that this program does not know: it must not be taken for another.</exception>
    public static AccountRole FromColumn(string role) => role switch
    {
        "admin" => AccountRole.Admin,
        "user" => AccountRole.User,
        _ => throw new InvalidDataException("An account has a role that is not known."),
    };

    public static AccessSubject SubjectFromColumn(string subject) => subject == "session" ? AccessSubject.Session : AccessSubject.Account;

    /// <summary>A LIKE pattern for texts that contain <paramref name="part"/> as it is; its escape character is the backslash.</summary>
    public static string ToPattern(string part) =>
        $"%{part.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
}
