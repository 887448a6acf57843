using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Reviews;
using Streaming.Storage.Embedded;
using Streaming.Tests.Reviews;

namespace Streaming.Tests.Http;

/// <summary>The whole program while the review store is away.</summary>
public sealed class MissingReviewsTests
{
    [Fact]
    public async Task Details_go_on_and_reviews_are_unavailable()
    {
        await using var application = new Application();
        var (api, title, user) = (application.Api, application.TakeTitle(), application.TakeUser());
        application.Services.GetRequiredService<ReviewsDouble>().Away = true;
        (await api.PostAsync($"/api/v1/content/{title}/views/increment")).Is(200);

        var details = (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json;
        Assert.Equal(
            "metadata:Object reviews:Array real_time_views:Number watching_now:Number genres:Array cast:Array rating_summary:Null reviews_total:Null reviews_available:Bool",
            Shape.Of(details));
        Assert.Equal("[]", details.GetProperty("reviews").GetRawText());
        Assert.False(details.GetProperty("reviews_available").GetBoolean());
        Assert.True(details.GetProperty("real_time_views").GetInt64() > 0);
        (await api.GetAsync($"/api/v1/content/{title}")).IsJson();

        (await api.GetAsync($"/api/v1/content/{title}/reviews")).IsProblem(503);
        (await api.PostAsync($"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":8}""")).IsProblem(503);

        application.Services.GetRequiredService<ReviewsDouble>().Away = false;
        (await api.PostAsync($"/api/v1/content/{title}/reviews", $$"""{"user_id":"{{user}}","rating":8}""")).IsJson(201);
        details = (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json;
        Assert.True(details.GetProperty("reviews_available").GetBoolean());
        Assert.Contains(user, details.GetProperty("reviews").EnumerateArray().Select(review => review.GetProperty("user_id").GetGuid()));
    }

    private sealed class Application() : StreamingApplication(Environments.Development, ("Seed:Titles", "20"))
    {
        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services =>
            {
                services.AddSingleton(provider => new ReviewsDouble(ActivatorUtilities.CreateInstance<SqliteReviewStore>(provider)));
                services.AddSingleton<IReviewStore>(provider => provider.GetRequiredService<ReviewsDouble>());
            });
        }
    }
}
