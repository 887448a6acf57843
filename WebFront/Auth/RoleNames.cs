using Streaming.Users;

namespace Streaming.WebFront.Auth;

/// <summary>Roles as tokens, answers and requests name them.</summary>
internal static class RoleNames
{
    public static string Name(this AccountRole role) => role == AccountRole.Admin ? "admin" : "user";

    public static bool TryParse(string? name, out AccountRole role)
    {
        role = name == "admin" ? AccountRole.Admin : AccountRole.User;
        return name is "admin" or "user";
    }
}
