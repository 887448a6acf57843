using System.ComponentModel.DataAnnotations;
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

internal sealed record LogBody : ICheckedBody
{
    private const string Incomplete = "Invalid input: action, description, and service are required.";

    /// <summary>1 to 100 characters.</summary>
    [Required(ErrorMessage = Incomplete), StringLength(LogEntry.MaxName, MinimumLength = 1)]
    public required string Action { get; init; }

    /// <summary>1 to 1,000 characters.</summary>
    [Required(ErrorMessage = Incomplete), StringLength(LogEntry.MaxDescription, MinimumLength = 1)]
    public required string Description { get; init; }

    /// <summary>1 to 100 characters.</summary>
    [Required(ErrorMessage = Incomplete), StringLength(LogEntry.MaxName, MinimumLength = 1)]
    public required string Service { get; init; }

    /// <summary>Of an administrator's request only; otherwise it is the caller.</summary>
    [UserId(AdministratorsOnly = true)]
    public Guid? UserId { get; init; }

    public Problem? Check() =>
        LogEntry.IsBlank(Action) ? Problem.BadRequest("action", Incomplete)
        : LogEntry.IsBlank(Description) ? Problem.BadRequest("description", Incomplete)
        : LogEntry.IsBlank(Service) ? Problem.BadRequest("service", Incomplete)
        : null;
}

internal sealed record LogAdded(string Message);
