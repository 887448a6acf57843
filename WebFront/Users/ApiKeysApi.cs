using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Users;
using Streaming.WebFront.Auth;

namespace Streaming.WebFront.Users;

/// <summary>Keys of programs that record views in bulk.</summary>
internal static class ApiKeysApi
{

    public static void MapApiKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/admin/api-keys").WithTags("Administration").RequireAdministrator();
        group.MapGet("", ListAsync)
            .WithName("ListApiKeys")
            .WithSummary("API keys that are good, newest first, then the last ones that were revoked")
            .Produces<ListedApiKey[]>();
        group.MapPost("", AddAsync)
            .WithName("AddApiKey")
            .WithSummary("Make an API key for a collector of views")
            .WithDescription("A collector sends `Authorization: ApiKey` and the secret, which is told only now. It is good until it is revoked, or who made it is no administrator any more; it has no other end, so other fields than the name are refused.")
            .Produces<ApiKeyMade>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict);
        group.MapDelete("/{keyId}", RevokeAsync)
            .WithName("RevokeApiKey")
            .WithSummary("Revoke an API key")
            .Produces<Done>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<JsonHttpResult<ListedApiKey[]>> ListAsync(HttpContext context, IGrainFactory grains)
    {
        var keys = await grains.GetGrain<IApiKeysGrain>(0).ListAsync(context.RequestAborted);
        return TypedResults.Json(keys.Select(ListedApiKey.Of).ToArray(), FrontJson.Contract.ListedApiKeyArray);
    }

    private static async Task<Results<JsonHttpResult<ApiKeyMade>, Problem>> AddAsync(
        HttpContext context, Body<ApiKeyBody> body, IGrainFactory grains, RevocationPoller poller, AccountAudit audit)
    {
        var (key, problem) = await body.ReadAsync();
        if (key is null)
            return problem!;

        var caller = context.GetUser()!;
        if (await grains.GetGrain<IApiKeysGrain>(0).AddAsync(key.Name, caller.UserId) is not { } made)
            return new Problem(StatusCodes.Status409Conflict, "No API key was made: there are as many as there may be, or this account may make none any more.");

        audit.Write("ADD_API_KEY", $"Administrator made API key {made.Key.KeyId}", caller.UserId);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(
            new ApiKeyMade(made.Key.KeyId, made.Key.Name, made.Key.CreatedAt, made.Secret), FrontJson.Contract.ApiKeyMade, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<Results<JsonHttpResult<Done>, Problem>> RevokeAsync(
        HttpContext context, IGrainFactory grains, RevocationPoller poller, AccountAudit audit, string keyId)
    {
        if (RequestValues.Id("keyId", keyId, out var id) is { } problem)
            return problem;

        if (!await grains.GetGrain<IApiKeysGrain>(0).RevokeAsync(id))
            return Problem.NotFound("There is no such API key.");

        audit.Write("REVOKE_API_KEY", $"Administrator revoked API key {id}", context.GetUser()!.UserId);
        await poller.RefreshAsync(context.RequestAborted);
        return TypedResults.Json(new Done("API key revoked successfully"), FrontJson.Contract.Done);
    }
}
