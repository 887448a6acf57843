using System.Collections.Immutable;

namespace Streaming.Users;

/// <summary>One account, by user id: who it is, its password, role and ban, and its sessions.</summary>
[Alias("account")]
public interface IAccountGrain : IGrainWithGuidKey
{
    /// <summary>Null when there is none.</summary>
    [Alias("get")]
    Task<Account?> GetAsync(CancellationToken cancellationToken = default);

    /// <summary>Sets another password and ends all sessions but <paramref name="keep"/>.</summary>
    [Alias("change-password")]
    Task<ChangePasswordResult> ChangePasswordAsync(string current, string replacement, Guid keep);

    /// <summary>Who is an administrator no longer has no API key that is good.</summary>
    [Alias("set-role")]
    Task<AccountChangeStatus> SetRoleAsync(AccountRole role);

    /// <summary>Bans the account, ends its sessions and revokes the API keys that it made; or lets it in again, which brings back none of them.</summary>
    [Alias("set-banned")]
    Task<AccountChangeStatus> SetBannedAsync(bool banned);

    /// <summary>Sessions that can still be refreshed, last used first; at most <see cref="MaxSessions"/>.</summary>
    [Alias("list-sessions")]
    Task<ImmutableArray<SessionInfo>> ListSessionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends one of its sessions. False when it has no such session.</summary>
    [Alias("end-session")]
    Task<bool> EndSessionAsync(Guid sessionId);

    /// <summary>Ends all its sessions.</summary>
    [Alias("end-sessions")]
    Task EndSessionsAsync();

    /// <summary>
    /// Removes the account with its videos, history, positions, sessions and credentials, and leaves its reviews and log entries
    /// without a name. May be repeated until it succeeds; the account is unknown when there is none and nothing of it was left.
    /// </summary>
    [Alias("delete")]
    Task<AccountChangeStatus> DeleteAsync();

    /// <summary>A part of everything that is stored about the user, as JSON: see <see cref="ExportPart"/>. Null when the account is unknown.</summary>
    [Alias("export")]
    Task<ExportPage?> ExportAsync(ExportPart part, PageCursor? after, CancellationToken cancellationToken = default);

    /// <summary>An account has no more sessions than these: a further log-in ends the one that was used longest ago.</summary>
    const int MaxSessions = 100;
}

/// <param name="RetryAfter">When another try makes sense; zero unless there were too many failures.</param>
[GenerateSerializer, Immutable, Alias("change-password-result")]
public readonly record struct ChangePasswordResult(
    [property: Id(0)] ChangePasswordStatus Status, [property: Id(1)] TimeSpan RetryAfter = default);

public enum ChangePasswordStatus
{
    Changed,
    WrongPassword,
    UnknownAccount,

    /// <summary>Too many passwords wait to be checked; nothing was changed.</summary>
    Busy,

    /// <summary>The session has guessed too often; nothing was checked.</summary>
    TooManyFailures,
}

/// <summary>What an export is made of, in its order.</summary>
public enum ExportPart
{
    Account,
    Sessions,
    WatchHistory,
    ResumePositions,
    Reviews,
    Logs,
    Videos,

    /// <summary>Limits that an administrator has set; no row without any.</summary>
    QuotaLimits,

    /// <summary>What was sent to the user, a row a day.</summary>
    Downloads,
}

/// <param name="Rows">UTF-8 JSON, each element a row of at most 8 kB; at most 500 of them.</param>
/// <param name="Next">Cursor of the next page of the same part; null on the last.</param>
[GenerateSerializer, Immutable, Alias("export-page")]
public sealed record ExportPage([property: Id(0)] ImmutableArray<byte[]> Rows, [property: Id(1)] PageCursor? Next);
