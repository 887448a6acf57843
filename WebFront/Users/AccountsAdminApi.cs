using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Users;

/// <summary>What administrators do with accounts.</summary>
internal static class AccountsAdminApi
{
    private const int PageByDefault = 50;
    private const int MaxPage = 200;
    private const int MaxSearch = 254;

    public static void MapAccountsAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/admin/users").WithTags("Administration").RequireAdministrator();
        group.MapGet("", ListAsync)
            .WithName("ListAccounts")
            .WithSummary("Accounts, newest first")
            .WithDescription("`search` finds a part of an e-mail or username. The next page, where there is one, is named by the Link header.")
            .Produces<ListedAccount[]>()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        Describe(group.MapPost("/{userId}/ban", (HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string userId) =>
                SetBannedAsync(context, grains, poller, audit, userId, banned: true)), "BanUser", "Ban an account")
            .WithDescription("Its sessions end, its tokens are refused within seconds, and API keys that it made are revoked. The last administrator stays: 409.");
        Describe(group.MapPost("/{userId}/unban", (HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string userId) =>
                SetBannedAsync(context, grains, poller, audit, userId, banned: false)), "UnbanUser", "Let a banned account in again");
        Describe(group.MapPut("/{userId}/role", SetRoleAsync), "SetRole", "Make an account an administrator, or a user again")
            .WithDescription("API keys that it made are revoked when it becomes a user. The last administrator stays: 409.");
        Describe(group.MapDelete("/{userId}", DeleteAsync), "DeleteUser", "Delete an account")
            .WithDescription("As its owner can. Repeat it when it fails.");
    }

    /// <summary>What the routes that change an account have in common.</summary>
    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary) => route
        .WithName(name)
        .WithSummary(summary)
        .Produces<Done>()
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status404NotFound)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<JsonHttpResult<ListedAccount[]>, Problem>> ListAsync(
        HttpContext context, IGrainFactory grains, string? search = null, string? role = null, string? banned = null, string? limit = null, string? cursor = null)
    {
        var badFilter = Filter(search, role, banned, out var filter);
        var badLimit = RequestValues.Limit(limit, PageByDefault, MaxPage, out var count);
        var badCursor = RequestValues.Cursor(cursor, out var after);
        if ((badFilter ?? badLimit ?? badCursor) is { } problem)
            return problem;

        var page = await grains.GetGrain<IAccountsGrain>(0).ListAsync(filter, after, count, context.RequestAborted);
        if (page.Next is { } next)
            RequestValues.LinkNext(context, "cursor", next.ToString());

        return TypedResults.Json(page.Accounts.Select(ListedAccount.Of).ToArray(), FrontJson.Contract.ListedAccountArray);
    }

    private static Problem? Filter(string? search, string? role, string? banned, out AccountFilter filter)
    {
        filter = new AccountFilter();
        if (search is not null && (search.Length is 0 or > MaxSearch || search.Contains('\0')))
            return Problem.BadRequest("search", $"search must be a text of 1 to {MaxSearch} characters.");

        var named = default(AccountRole);
        if (role is not null && !RoleNames.TryParse(role, out named))
            return BadRole();

        if (banned is not (null or "true" or "false"))
            return Problem.BadRequest("banned", "banned must be true or false.");

        filter = new AccountFilter(search, role is null ? null : named, banned is null ? null : banned == "true");
        return null;
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> SetBannedAsync(
        HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string userId, bool banned)
    {
        if (Other(context, userId, out var id) is { } problem)
            return problem;

        if (Refusal(await grains.GetGrain<IAccountGrain>(id).SetBannedAsync(banned)) is { } refusal)
            return refusal;

        Write(context, audit, banned ? "BAN_USER" : "UNBAN_USER", $"Administrator {(banned ? "banned" : "unbanned")} user {id}", id);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done(banned ? "User banned successfully" : "User unbanned successfully"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> SetRoleAsync(
        HttpContext context, Body<RoleBody> body, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string userId)
    {
        if (Other(context, userId, out var id) is { } problem)
            return problem;

        var (change, unreadable) = await body.ReadAsync();
        if (change is null)
            return unreadable!;

        if (!RoleNames.TryParse(change.Role, out var role))
            return BadRole();

        if (Refusal(await grains.GetGrain<IAccountGrain>(id).SetRoleAsync(role)) is { } refusal)
            return refusal;

        Write(context, audit, "SET_ROLE", $"Administrator set the role of user {id} to {change.Role}", id);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Role set successfully"), FrontJson.Contract.Done);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> DeleteAsync(
        HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string userId)
    {
        if (Other(context, userId, out var id) is { } problem)
            return problem;

        if (Refusal(await grains.GetGrain<IAccountGrain>(id).DeleteAsync()) is { } refusal)
            return refusal;

        // Not by its id, which is in the log of nobody any more.
        Write(context, audit, "DELETE_ACCOUNT", "Administrator deleted a user", aboutId: null);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("Account deleted successfully"), FrontJson.Contract.Done);
    }

    private static Problem? Refusal(AccountChangeStatus status) => status switch
    {
        AccountChangeStatus.UnknownAccount => AccountResponses.NotFound(),
        AccountChangeStatus.LastAdministrator => AccountResponses.LastAdministrator(),
        _ => null,
    };

    /// <summary>Administrators cannot do it to themselves.</summary>
    private static Problem? Other(HttpContext context, string userId, out Guid id) =>
        RequestValues.Id("userId", userId, out id) is { } problem ? problem
        : id == context.GetUser()!.UserId ? new Problem(StatusCodes.Status409Conflict, "Administrators cannot do this to their own account; another one can.")
        : null;

    private static Problem BadRole() => Problem.BadRequest("role", "role must be user or admin.");

    private static void Write(HttpContext context, AccountAudit audit, string action, string description, Guid? aboutId) =>
        audit.Write(action, description, context.GetUser()!.UserId, aboutId);
}
