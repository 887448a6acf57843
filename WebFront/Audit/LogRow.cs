using System.Text.Json.Serialization;
using Streaming.Audit;

namespace Streaming.WebFront.Audit;

/// <param name="UserId">Null while unknown, and after the account was deleted.</param>
/// <param name="ClientReported">A client added it; the platform did not see it happen.</param>
internal sealed record LogRow(
    Guid Id, Guid? UserId, string ActionType, string Description, string ServiceName, DateTimeOffset CreatedAt, bool ClientReported)
{
    public static LogRow From(LogEntry entry) => new(
        entry.Id, entry.UserId, entry.ActionType, entry.Description, entry.ServiceName, entry.CreatedAt, entry.IsClientReported);
}

/// <param name="Total">Entries on all pages; left out where pages are asked for by cursor or limit.</param>
internal sealed record LogList(LogRow[] Logs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Total);

/// <param name="Action">1 to 100 characters.</param>
/// <param name="Description">1 to 1,000 characters.</param>
/// <param name="Service">1 to 100 characters.</param>
/// <param name="UserId">Of an administrator's request only; otherwise it is the caller.</param>
internal sealed record LogBody(string Action, string Description, string Service, Guid? UserId = null);

internal sealed record LogAdded(string Message);
