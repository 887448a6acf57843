namespace Streaming.Tests.Http;

/// <summary>Limits that administrators set for a person.</summary>
[Collection(HttpTests.Name)]
public sealed class UsageQuotaTests
{
    private const string Megabytes = "storage_mb:Number daily_upload_mb:Number daily_download_mb:Null videos:Number";

    private readonly StreamingApplication application;
    private readonly Api api;
    private readonly Guid user;

    public UsageQuotaTests(StreamingApplication application)
    {
        this.application = application;
        api = application.Api;
        user = application.TakeUser();
    }

    private string Path => $"/api/admin/users/{user}/quota";

    [Fact]
    public async Task Administrator_sees_how_a_person_stands()
    {
        await Clip.UploadAsync(application, user, 2 * Clip.Megabyte);

        var quota = (await api.GetAsync(Path, application.Administrator())).IsJson().Json;

        Assert.Equal(
            "user_id:String limits:Object overrides:Object stored_mb:Number uploaded_mb:Number downloaded_mb:Number reserved_mb:Number uploads:Number resets_at:String videos:Number",
            Shape.Of(quota));
        Assert.Equal(user, quota.GetProperty("user_id").GetGuid());
        Assert.Equal(Megabytes, Shape.Of(quota.GetProperty("limits")));
        Assert.Equal("""{"storage_mb":50,"daily_upload_mb":100,"daily_download_mb":null,"videos":200}""", quota.GetProperty("limits").GetRawText());
        Assert.Equal("""{"storage_mb":null,"daily_upload_mb":null,"daily_download_mb":null,"videos":null}""", quota.GetProperty("overrides").GetRawText());
        Assert.Equal("2 2 0 0 0", string.Join(' ', ((string[])["stored_mb", "uploaded_mb", "downloaded_mb", "reserved_mb", "uploads"]).Select(name => quota.GetProperty(name).GetRawText())));
    }

    [Fact]
    public async Task Limits_that_are_set_hold_until_they_are_removed()
    {
        var admin = Guid.NewGuid();
        Assert.Equal("""{"message":"Quota set successfully"}""", (await SetAsync("""{"storage_mb":80,"daily_download_mb":7,"videos":3}""", admin)).IsJson().Text);

        var quota = (await api.GetAsync(Path, application.Administrator())).IsJson().Json;
        Assert.Equal("""{"storage_mb":80,"daily_upload_mb":100,"daily_download_mb":7,"videos":3}""", quota.GetProperty("limits").GetRawText());
        Assert.Equal("""{"storage_mb":80,"daily_upload_mb":null,"daily_download_mb":7,"videos":3}""", quota.GetProperty("overrides").GetRawText());
        await Clip.UploadAsync(application, user, 60 * Clip.Megabyte);
        Assert.Equal("75.00", await PercentageAsync());

        Assert.Equal(
            """{"message":"Quota reset successfully"}""",
            (await api.SendAsync("DELETE", Path, null, Administrator(admin))).IsJson().Text);
        Assert.Equal("120.00", await PercentageAsync());
        await Logged.AsAsync(api, admin, Administrator(admin), $"RESET_QUOTA / StorageManagementService / Administrator reset the quota of user {user}");
    }

    [Fact]
    public async Task Setting_takes_forms_and_is_in_the_log()
    {
        var admin = Guid.NewGuid();
        var form = new FormUrlEncodedContent([new("storage_mb", "60"), new("daily_upload_mb", "0"), new("daily_download_mb", "")]);

        (await api.SendAsync("PUT", Path, form, Administrator(admin))).IsJson();

        Assert.Equal(
            """{"storage_mb":60,"daily_upload_mb":0,"daily_download_mb":null,"videos":null}""",
            (await api.GetAsync(Path, application.Administrator())).Json.GetProperty("overrides").GetRawText());
        await Logged.AsAsync(api, admin, Administrator(admin), $"SET_QUOTA / StorageManagementService / Administrator set the quota of user {user}");
        Assert.True((await api.GetAsync("/api/usage/daily-usage", application.Token(user))).Json.GetProperty("isThresholdExceeded").GetBoolean());
    }

    [Theory]
    [InlineData("""{"storageMb":300}""", "storageMb")]
    [InlineData("""{"storage_mb":300,"foo":1}""", "foo")]
    [InlineData("""{"storage_mb":300,"storage_mb":3}""", "storage_mb")]
    [InlineData("{}", "storage_mb")]
    public async Task Setting_nothing_or_what_is_not_known_changes_nothing(string limits, string field)
    {
        (await SetAsync("""{"storage_mb":80}""", Guid.NewGuid())).IsJson();

        (await SetAsync(limits, Guid.NewGuid())).IsProblem(400, field);

        Assert.Equal(80, (await api.GetAsync(Path, application.Administrator())).Json.GetProperty("overrides").GetProperty("storage_mb").GetInt32());
    }

    [Fact]
    public async Task Quota_of_nobody_is_not_found()
    {
        var path = $"/api/admin/users/{Guid.NewGuid()}/quota";

        (await api.GetAsync(path, application.Administrator())).IsProblem(404, message: "User not found");
        (await api.SendAsync("PUT", path, Api.Json("""{"storage_mb":1}"""), application.Administrator())).IsProblem(404, message: "User not found");
        (await api.SendAsync("DELETE", path, null, application.Administrator())).IsProblem(404, message: "User not found");
    }

    [Fact]
    public async Task Nobody_sets_their_own_limits()
    {
        (await api.GetAsync(Path)).IsProblem(401, error: "Token not provided");
        (await api.GetAsync(Path, application.Token(user))).IsProblem(403, message: "Access denied. Admin role required.");
        (await api.SendAsync("PUT", Path, Api.Json("""{"storage_mb":900}"""), application.Token(user))).IsProblem(403);
        (await api.SendAsync("DELETE", Path, null, application.Token(user))).IsProblem(403);
    }

    private Task<Answer> SetAsync(string json, Guid admin) => api.SendAsync("PUT", Path, Api.Json(json), Administrator(admin));

    private (string Name, string Value) Administrator(Guid id) => application.Token(id, Streaming.Users.AccountRole.Admin);

    private async Task<string?> PercentageAsync() =>
        (await api.GetAsync("/api/storage/usage", application.Token(user))).IsJson().Json.GetProperty("usagePercentage").GetString();
}
