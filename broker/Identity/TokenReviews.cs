using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Asks a cluster's API server about tokens that its issuer has signed (authentication.k8s.io/v1, TokenReview): a pod that
/// was deleted leaves a token behind that is good until it expires, and only the API server knows. What it said counts
/// for a few seconds, so that it is asked once per pod and not once per call.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process, and a semaphore without a handle holds nothing.
internal sealed class TokenReviews(IssuerOptions issuer, TimeProvider clock)
#pragma warning restore CA1001
{
    private const int MaxAnswer = 256 * 1024;
    private const int MostKept = 10_000;

    /// <summary>Of different tokens: of thousands that are asked about at once, none would be answered in time.</summary>
    public const int AtATime = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Long enough that thousands of callers do not wait for an outage one by one.</summary>
    private static readonly TimeSpan OutageKept = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turns = new(AtATime);
    private readonly ConcurrentDictionary<string, Lazy<Task<Answered>>> _asked = new(StringComparer.Ordinal);

    /// <param name="token">Whose signature is good.</param>
    /// <param name="subject">Whom the API server must find in it, too.</param>
    /// <param name="cancellationToken">Gives up; whoever else waits for the same answer gets it.</param>
    public async ValueTask<ReviewResult> AskAsync(string token, string subject, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (!_asked.TryGetValue(digest, out var asked) || !Counts(asked))
        {
            if (_asked.Count >= MostKept)
                _asked.Clear();
            // However many calls come with the token at once, one of them asks, and the others wait for that.
            var fresh = new Lazy<Task<Answered>>(() => AskNowAsync(token, subject));
            asked = _asked.AddOrUpdate(digest, fresh, (_, other) => Counts(other) ? other : fresh);
        }

        return (await asked.Value.WaitAsync(cancellationToken)).Result;
    }

    /// <summary>It is awaited, or was given a short while ago, by the clock that nobody sets.</summary>
    private bool Counts(Lazy<Task<Answered>> asked)
    {
        if (!asked.IsValueCreated || !asked.Value.IsCompleted)
            return true;
        return asked.Value.IsCompletedSuccessfully && asked.Value.Result is var (result, at)
            && clock.GetElapsedTime(at) < (result is ReviewResult.Unavailable ? OutageKept : issuer.ReviewCache);
    }

    private async Task<Answered> AskNowAsync(string token, string subject) =>
        new(await PostAsync(token, subject), clock.GetTimestamp());

    private async Task<ReviewResult> PostAsync(string token, string subject)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        try
        {
            await _turns.WaitAsync(late.Token);
        }
        catch (OperationCanceledException)
        {
            return NotInTime();
        }

        try
        {
            using var client = IssuerConnection.Open(issuer, MaxAnswer);
            using var content = new StringContent(Request(token), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await client.PostAsync(Address(), content, late.Token);
            var text = await response.Content.ReadAsStringAsync(late.Token);
            return response.IsSuccessStatusCode
                ? Read(text, subject)
                : new ReviewResult.Unavailable($"the API server answered {(int)response.StatusCode} to the TokenReview");
        }
        catch (OperationCanceledException)
        {
            return NotInTime();
        }
        catch (Exception e) when (e is HttpRequestException or KeysUnavailableException or InvalidOperationException
            or IOException or UnauthorizedAccessException or CryptographicException)
        {
            return new ReviewResult.Unavailable(ForeignText.Clean((e.InnerException ?? e).Message));
        }
        finally
        {
            _turns.Release();
        }
    }

    private static ReviewResult.Unavailable NotInTime() =>
        new($"the API server did not answer within {Patience.TotalSeconds:0} s");

    private Uri Address() => new(issuer.ApiServer, "/apis/authentication.k8s.io/v1/tokenreviews");

    private string Request(string token) => new JsonObject
    {
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["kind"] = "TokenReview",
        ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(issuer.Audience) },
    }.ToJsonString();

    private ReviewResult Read(string text, string subject)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var status = json.RootElement.GetProperty("status");
            if (!(status.TryGetProperty("authenticated", out var authenticated) && authenticated.ValueKind == JsonValueKind.True))
            {
                var said = status.TryGetProperty("error", out var error) ? error.GetString() : null;
                return new ReviewResult.Refused(ForeignText.Clean(said ?? "it is not valid"));
            }

            if (status.GetProperty("user").GetProperty("username").GetString() != subject)
                return new ReviewResult.Refused("it is another user's there");
            // A server that does not know audiences leaves them out, and has then not looked at them.
            return status.TryGetProperty("audiences", out var audiences)
                && audiences.EnumerateArray().Any(audience => audience.GetString() == issuer.Audience)
                    ? new ReviewResult.Good()
                    : new ReviewResult.Refused("it is for another audience there");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new ReviewResult.Unavailable("the API server's answer is not a TokenReview");
        }
    }

    private readonly record struct Answered(ReviewResult Result, long At);
}
