using System.Net;
using System.Text.RegularExpressions;

namespace Streaming.Tests.Http;

/// <summary>What a browser does on the dashboard's pages: keeps cookies, sends forms, and here follows no redirect.</summary>
/// <param name="isHttps">Comes by a proxy that says so.</param>
internal sealed class DashboardVisitor(Uri server, bool isHttps = false) : IDisposable
{
    public const string Cookie = "streaming-dashboard";
    private const string FormCookie = "streaming-dashboard-form";

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server };

    /// <summary>By name.</summary>
    public Dictionary<string, string> Cookies { get; } = [];

    public bool IsSignedIn => Cookies.ContainsKey(Cookie);

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync("GET", path, null, headers);

    public async Task<Answer> SignInAsync(string email, string password, string returnUrl = "")
    {
        var page = (await GetAsync("/dashboard/sign-in" + (returnUrl.Length == 0 ? "" : "?returnUrl=" + Uri.EscapeDataString(returnUrl)))).Is(200);
        return await SendFormAsync("/dashboard/sign-in", ("token", TokenOf(page)), ("return", ReturnOf(page)), ("email", email), ("password", password));
    }

    public async Task<Answer> SignOutAsync() =>
        await SendFormAsync("/dashboard/sign-out", ("token", TokenOf((await GetAsync("/dashboard/sign-out")).Is(200))));

    public Task<Answer> SendFormAsync(string path, params (string Name, string Value)[] fields) =>
        SendAsync("POST", path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Shows cookies of another browser, as one does who has stolen them.</summary>
    public void Take(DashboardVisitor other)
    {
        foreach (var (name, value) in other.Cookies)
            Cookies[name] = value;
    }

    public void ForgetForm() => Cookies.Remove(FormCookie);

    public static string TokenOf(Answer page) => Regex.Match(page.Text, "name=\"token\" value=\"(?<value>[^\"]+)\"").Groups["value"].Value;

    public static string ReturnOf(Answer page) => WebUtility.HtmlDecode(Regex.Match(page.Text, "name=\"return\" value=\"(?<value>[^\"]+)\"").Groups["value"].Value);

    public static string MessageOf(Answer page) =>
        WebUtility.HtmlDecode(Regex.Match(page.Text, "<p class=\"message\" role=\"alert\">(?<value>[^<]*)</p>").Groups["value"].Value);

    public void Dispose() => http.Dispose();

    private async Task<Answer> SendAsync(string method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        var cookies = string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        if (isHttps)
            headers = [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "192.0.2.1"), .. headers];

        var answer = await new Api(http).SendAsync(method, path, content, cookies.Length == 0 ? headers : [("Cookie", cookies), .. headers]);
        if (answer.Headers.TryGetValue("Set-Cookie", out var set))
        {
            foreach (Match cookie in Regex.Matches(set, "(?:^|, )(?<name>[a-zA-Z_-]+)=(?<value>[^;]*);"))
            {
                if (cookie.Groups["value"].Length == 0)
                    Cookies.Remove(cookie.Groups["name"].Value);
                else
                    Cookies[cookie.Groups["name"].Value] = cookie.Groups["value"].Value;
            }
        }

        return answer;
    }
}
