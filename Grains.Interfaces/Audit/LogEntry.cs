using System.Collections.Immutable;
using Streaming.Users;

namespace Streaming.Audit;

/// <summary>One action, as the audit log keeps it.</summary>
/// <param name="Id">Made by whoever writes it, so that a repeated write changes nothing. Version 7: in the order of time, about.</param>
/// <param name="UserId">Null while unknown, and after the account was deleted.</param>
/// <param name="ActionType">Such as <c>LOGIN</c>; at most <see cref="MaxName"/> characters.</param>
/// <param name="Description">At most <see cref="MaxDescription"/> characters.</param>
/// <param name="ServiceName">Such as <c>UserAccountService</c>; at most <see cref="MaxName"/> characters.</param>
/// <param name="CreatedAt">Of whole milliseconds.</param>
/// <param name="IsClientReported">A client added it; the platform did not see it happen.</param>
/// <param name="AboutId">Another account that the description names, in the usual form of its id; null when there is none.</param>
[GenerateSerializer, Immutable, Alias("log-entry")]
public sealed record LogEntry(
    [property: Id(0)] Guid Id,
    [property: Id(1)] Guid? UserId,
    [property: Id(2)] string ActionType,
    [property: Id(3)] string Description,
    [property: Id(4)] string ServiceName,
    [property: Id(5)] DateTimeOffset CreatedAt,
    [property: Id(6)] bool IsClientReported,
    [property: Id(7)] Guid? AboutId = null)
{
    public const int MaxName = 100;
    public const int MaxDescription = 1_000;

    /// <summary>An entry of now. Texts that are too long are cut, control characters, e-mails and tokens taken out.</summary>
    public static LogEntry Create(
        string actionType, string serviceName, string description, Guid? userId, bool isClientReported, TimeProvider time, Guid? aboutId = null)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        return new LogEntry(
            Guid.CreateVersion7(now), userId, LogText.Clean(actionType, MaxName), LogText.Clean(description, MaxDescription),
            LogText.Clean(serviceName, MaxName), now, isClientReported, aboutId);
    }

    /// <summary>Whether nothing can be seen in it.</summary>
    public static bool IsBlank(string text) => !VisibleText.IsSeen(text);

    /// <summary>Whom a client's texts may be about: the first id in them that is not <paramref name="known"/>; null without one.</summary>
    public static Guid? FindAccount(Guid? known, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (LogText.FindId(text, known) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>The entry without the names of those accounts; of what a client wrote the description goes as a whole, and each name that has one of their ids.</summary>
    public LogEntry Without(IReadOnlySet<Guid> accounts)
    {
        var (owner, about) = (UserId is { } user && accounts.Contains(user), AboutId is { } other && accounts.Contains(other));
        if (!owner && !about)
            return this;

        var description = IsClientReported ? "" : Description;
        foreach (var id in (Guid?[])[owner ? UserId : null, about ? AboutId : null])
            description = id is { } gone ? description.Replace(gone.ToString(), LogText.Removed, StringComparison.OrdinalIgnoreCase) : description;

        return this with
        {
            UserId = owner ? null : UserId,
            AboutId = about ? null : AboutId,
            Description = description,
            ActionType = WithoutNames(ActionType, accounts),
            ServiceName = WithoutNames(ServiceName, accounts),
        };
    }

    private string WithoutNames(string text, IReadOnlySet<Guid> accounts) =>
        IsClientReported && accounts.Any(id => LogText.Names(text, id)) ? LogText.Removed : text;
}

/// <summary>Which entries are asked for; a null condition is none.</summary>
/// <param name="From">From this time on.</param>
/// <param name="To">Before this time.</param>
[GenerateSerializer, Immutable, Alias("log-filter")]
public sealed record LogFilter(
    [property: Id(0)] Guid? UserId = null,
    [property: Id(1)] DateTimeOffset? From = null,
    [property: Id(2)] DateTimeOffset? To = null,
    [property: Id(3)] string? ActionType = null,
    [property: Id(4)] string? ServiceName = null);

/// <param name="Next">Cursor of the next page; null on the last.</param>
[GenerateSerializer, Immutable, Alias("log-page")]
public sealed record LogPage([property: Id(0)] ImmutableArray<LogEntry> Entries, [property: Id(1)] PageCursor? Next);
