using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Users;

/// <summary>Bodies and responses of the routes of accounts.</summary>
internal static class AccountResponses
{
    public const string InvalidCredentials = "Invalid credentials";

    private const string Busy = "Too many log-ins wait at the moment; try again soon.";

    public static Problem NotFound() => Problem.NotFound("User not found");

    public static Problem LastAdministrator() => new(
        StatusCodes.Status409Conflict, "This is the last administrator. Make another account one first.");

    public static Problem Unavailable(TimeSpan retryAfter = default) =>
        new(StatusCodes.Status503ServiceUnavailable, Busy) { RetryAfter = Seconds(retryAfter) };

    public static Problem TooMany(TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, "Too many failed log-ins from this address; wait as long as Retry-After says.") { RetryAfter = Seconds(retryAfter) };

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)Math.Ceiling(time.TotalSeconds));
}

internal sealed record RegisterBody : INewPassword
{
    /// <summary>Of one account at most, without regard to case.</summary>
    [EmailAddress]
    public required string Email { get; init; }

    /// <summary>6 to 256 characters, unless the server asks for more; 8 or more are better. None of the most common, nor the e-mail.</summary>
    [NewPassword, StringLength(PasswordRules.MaxLength, MinimumLength = 1)]
    public required string Password { get; init; }

    /// <summary>A display name, 1 to 100 characters on one line; <c>Default Username</c> without one.</summary>
    [ReadableName, StringLength(100, MinimumLength = 1)]
    public string? Username { get; init; }

    public string? AccountEmail(HttpContext context) => Email;

    public override string ToString() => nameof(RegisterBody);
}

internal sealed record LoginBody
{
    [EmailAddress]
    public required string Email { get; init; }

    [StringLength(PasswordRules.MaxLength, MinimumLength = 1)]
    public required string Password { get; init; }

    public override string ToString() => nameof(LoginBody);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RefreshBody
{
    [StringLength(256, MinimumLength = 1)]
    public required string RefreshToken { get; init; }

    public override string ToString() => nameof(RefreshBody);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ChangePasswordBody : INewPassword
{
    [StringLength(PasswordRules.MaxLength, MinimumLength = 1)]
    public required string CurrentPassword { get; init; }

    [NewPassword, StringLength(PasswordRules.MaxLength, MinimumLength = 1)]
    public required string NewPassword { get; init; }

    public string? AccountEmail(HttpContext context) => context.GetUser()!.Email;

    public override string ToString() => nameof(ChangePasswordBody);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record PasswordBody
{
    [StringLength(PasswordRules.MaxLength, MinimumLength = 1)]
    public required string Password { get; init; }

    public override string ToString() => nameof(PasswordBody);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record RoleBody
{
    /// <summary><c>user</c> or <c>admin</c>.</summary>
    [StringLength(10, MinimumLength = 1)]
    public required string Role { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ApiKeyBody
{
    /// <summary>What the key is for, 1 to 100 characters.</summary>
    [ReadableName, StringLength(100, MinimumLength = 1)]
    public required string Name { get; init; }
}

/// <param name="Token">For <c>Authorization: Bearer</c>.</param>
/// <param name="RefreshToken">Good once, for another pair; sent again within a few seconds, for the same one.</param>
/// <param name="ExpiresIn">Seconds that the token lives.</param>
/// <param name="RefreshExpiresAt">When the refresh token ends.</param>
internal sealed record LoggedIn(string Message, string Token, string RefreshToken, int ExpiresIn, DateTimeOffset RefreshExpiresAt)
{
    public static LoggedIn From(string message, SessionGrant grant, AccessTokens tokens) => new(
        message, tokens.Make(grant.Account, grant.SessionId), grant.RefreshToken, (int)tokens.Lifetime.TotalSeconds, grant.RefreshExpiresAt);

    public override string ToString() => nameof(LoggedIn);
}

/// <param name="Email">For the account itself and administrators; absent for others.</param>
/// <param name="Role">The same.</param>
internal sealed record Profile(
    Guid Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Email,
    string Username,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role)
{
    public static Profile Of(Account account, bool isWhole) => new(
        account.UserId, isWhole ? account.Email : null, account.Username, account.CreatedAt, isWhole ? account.Role.Name() : null);
}

internal sealed record ProfileAnswer(Profile User);

/// <param name="Device">What the client said that it is; null when it said nothing.</param>
/// <param name="IsCurrent">Whether this request's token is of it.</param>
internal sealed record Session(
    Guid SessionId, string? Device, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool IsCurrent);

/// <param name="BannedAt">Null unless it is banned now.</param>
internal sealed record ListedAccount(Guid Id, string Email, string Username, DateTimeOffset CreatedAt, string Role, DateTimeOffset? BannedAt)
{
    public static ListedAccount Of(Account account) =>
        new(account.UserId, account.Email, account.Username, account.CreatedAt, account.Role.Name(), account.BannedAt);
}

/// <param name="MadeBy">User id of the administrator who made it; null when that account is gone.</param>
internal sealed record ListedApiKey(Guid KeyId, string Name, Guid? MadeBy, DateTimeOffset CreatedAt, DateTimeOffset? RevokedAt)
{
    public static ListedApiKey Of(ApiKey key) => new(key.KeyId, key.Name, key.MadeBy, key.CreatedAt, key.RevokedAt);
}

/// <param name="Secret">For <c>Authorization: ApiKey</c>; told only now.</param>
internal sealed record ApiKeyMade(Guid KeyId, string Name, DateTimeOffset CreatedAt, string Secret)
{
    public override string ToString() => $"{nameof(ApiKeyMade)} {KeyId}";
}
