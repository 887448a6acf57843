namespace Streaming.Tests.Http;

/// <summary>Looks into the audit log by its route.</summary>
internal static class Logged
{
    /// <summary>Waits until a person's newest entry is this one, as <c>action / service / description</c>.</summary>
    public static Task AsAsync(Api api, Guid user, (string Name, string Value) token, string entry) => Poll.UntilAsync(async () =>
    {
        var rows = (await api.GetAsync($"/api/logs/user/{user}?limit=1", token)).IsJson().Json.GetProperty("logs").EnumerateArray().ToList();
        var newest = rows.Count == 0
            ? "nothing"
            : string.Join(" / ", ((string[])["action_type", "service_name", "description"]).Select(name => rows[0].GetProperty(name).GetString()));
        return newest == entry ? null : newest;
    });
}
