using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Streaming.Viewing;
using Streaming.WebFront.Auth;
using Streaming.WebFront.Server;

namespace Streaming.WebFront.Viewing;

internal static class TrendingApi
{
    private const int ByDefault = 10;

    public static void MapTrending(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/content/trending").WithTags("Trending").IsPublic();
        Map(group, "/hourly", TrendingWindow.Hour, "Most viewed titles of this UTC hour");
        Map(group, "/daily", TrendingWindow.Day, "Most viewed titles of this UTC day");
        Map(group, "/weekly", TrendingWindow.Week, "Most viewed titles of the last 7 UTC days");
    }

    private static void Map(RouteGroupBuilder group, string path, TrendingWindow window, string summary) =>
        group.MapGet(path, (IGrainFactory grains, string? limit = null) => GetAsync(grains, window, limit))
            .WithName("Trending" + window)
            .WithSummary(summary)
            .WithDescription("Most views first, ties by content id. The Last-Modified header tells when the list was computed.")
            .Produces<TrendingTitle[]>()
            .IsCompressed()
            .ProducesProblem(StatusCodes.Status400BadRequest);

    private static async Task<Results<Utf8Result, Problem>> GetAsync(
        IGrainFactory grains, TrendingWindow window, string? limit)
    {
        if (RequestValues.Limit(limit, ByDefault, ITrendingGrain.MaxTitles, out var count) is { } problem)
            return problem;

        var list = await grains.GetGrain<ITrendingGrain>((long)window).GetTopAsync(count);
        var json = JsonSerializer.SerializeToUtf8Bytes<TrendingTitle[]>([.. list.Titles], StreamingJson.Contract.TrendingTitleArray);
        return new Utf8Result(Utf8Result.JsonType, json) { Tag = Validators.Weak(json), LastModified = list.ComputedAt };
    }
}
