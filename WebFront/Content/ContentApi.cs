using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Content;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Content;

internal static class ContentApi
{
    public static void MapContent(this IEndpointRouteBuilder routes)
    {
        // Taken once: a service parameter would cost each request a scope.
        var titles = routes.ServiceProvider.GetRequiredService<GrainReferences<IContentGrain>>();
        var group = routes.MapGroup("/api/v1/content").WithTags("Content").IsPublic();
        group.MapGet("/ids", ListIdsAsync)
            .WithName("ListContentIds")
            .WithSummary("Content ids, ascending")
            .WithDescription("The next page, where there is one, is named by the Link header (rel=\"next\").")
            .Produces<Guid[]>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/{id}", (string id) => GetAsync(id, titles))
            .WithName("GetContent")
            .WithSummary("A title's metadata")
            .Produces<ContentRow>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("/{id}/details", (string id) => GetDetailsAsync(id, titles))
            .WithName("GetContentDetails")
            .WithSummary("A title with genres, cast, its newest reviews and its live view count")
            .WithDescription("Goes on while the reviews cannot be read: `reviews_available` is then false and `reviews` empty.")
            .Produces<ContentDetails>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static Problem NotFound() => Problem.NotFound("Content not found");

    private static async Task<Results<Utf8Result, Problem>> ListIdsAsync(
        HttpContext context, IGrainFactory grains, string? limit = null, string? after = null)
    {
        if (IdPage.Read(limit, after, out var page) is { } problem)
            return problem;

        return page.Answer(context, await grains.GetGrain<ICatalogueGrain>(0).ListIdsAsync(page.After, page.Limit, context.RequestAborted));
    }

    private static async Task<Results<Utf8Result, Problem>> GetAsync(string id, GrainReferences<IContentGrain> titles)
    {
        if (RequestValues.Id("id", id, out var contentId) is { } problem)
            return problem;

        return await titles.Get(contentId).GetRowAsync() is { } content ? Utf8Result.Json(Validators.Strong(content.Version), content.Row) : NotFound();
    }

    private static async Task<Results<Utf8Result, Problem>> GetDetailsAsync(string id, GrainReferences<IContentGrain> titles)
    {
        if (RequestValues.Id("id", id, out var contentId) is { } problem)
            return problem;

        return await titles.Get(contentId).GetDetailsAsync() is { } details ? ContentDetails.Compose(details) : NotFound();
    }
}
