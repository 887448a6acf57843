using Streaming.WebFront;

namespace Streaming.Tests.Http;

public sealed class AcceptedTypeTests
{
    private const string Html = "text/html";
    private const string Plain = "text/plain";
    private const string Json = "application/json";

    [Theory]
    // What the clients of the systems before send, and browsers.
    [InlineData(null, Html)]
    [InlineData("", Html)]
    [InlineData("*/*", Html)]
    [InlineData("text/html", Html)]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Html)]
    [InlineData("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", Html)]
    // axios and Angular, jQuery, generated clients.
    [InlineData("application/json, text/plain, */*", Json)]
    [InlineData("application/json, text/javascript, */*; q=0.01", Json)]
    [InlineData("application/json", Json)]
    [InlineData("APPLICATION/JSON; charset=utf-8", Json)]
    [InlineData("application/json, application/problem+json", Json)]
    [InlineData("application/vnd.streaming+json", Json)]
    [InlineData("text/json", Json)]
    [InlineData("application/*", Json)]
    // Quality decides, then what is named most closely, then what is named first.
    [InlineData("application/json;q=0.5, text/html;q=0.4", Json)]
    [InlineData("application/json;q=0.4, text/html;q=0.5", Html)]
    [InlineData("application/json;q=0.8, */*", Html)]
    [InlineData("text/html;q=0.9, */*;q=0.8, application/json;q=0.95", Json)]
    [InlineData("text/html, application/json", Html)]
    [InlineData("application/json, text/html", Json)]
    [InlineData("text/*, application/json", Json)]
    [InlineData("text/plain", Plain)]
    [InlineData("text/plain, application/json", Plain)]
    [InlineData("text/*", Html)]
    [InlineData("text/*;q=0.5, text/plain;q=0.6", Plain)]
    // Zero is none of it; who accepts none of it gets what everybody gets.
    [InlineData("application/json;q=0", Html)]
    [InlineData("application/json;q=0, */*", Html)]
    [InlineData("application/json;q=0, application/*", Html)]
    [InlineData("application/json;q=0.000, text/plain;q=0.001", Plain)]
    [InlineData("text/html;q=0, text/plain;q=0, */*;q=0.1", Json)]
    [InlineData("*/*;q=0", Html)]
    [InlineData("image/png", Html)]
    // What is no media range is passed over.
    [InlineData("nonsense", Html)]
    [InlineData(";;,,/", Html)]
    [InlineData("nonsense, application/json", Json)]
    [InlineData(", application/json ,", Json)]
    public void Offer_that_the_client_likes_best_is_chosen(string? accept, string expected) => Assert.Equal(expected, Choose(accept));

    [Fact]
    public void Several_headers_are_one_list() => Assert.Equal(Json, Choose("*/*;q=0.1", "application/json"));

    private static string Choose(params string?[] accept)
    {
        string[] offers = [Html, Plain, Json];
        return offers[AcceptedType.Choose(accept is [null] ? default : new(accept), offers)];
    }
}
