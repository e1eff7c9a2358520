using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests.Development;

public sealed class DevTokenCommandTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    private string Keys => _directory.File("issuer");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_token_verifies_against_the_jwks_that_is_written()
    {
        var token = await TokenAsync("shop/orders", "--pod", "orders-0", "--node", "node-1", "--audience", "broker", "--issuer", "https://dev.example");

        var result = await ValidateAsync(token, "https://dev.example", "broker");

        Assert.True(result.IsValid, result.Exception?.Message);
        Assert.Equal("system:serviceaccount:shop:orders", result.ClaimsIdentity.FindFirst("sub")?.Value);
    }

    [Fact]
    public async Task A_token_of_another_key_does_not_verify()
    {
        await TokenAsync("shop/orders");
        var stranger = (await Operator.RunAsync(Operator.Bare(), "dev", "token", "shop/orders", "--key-dir", _directory.File("other")))
            .MustSucceed().Lines[0];

        Assert.False((await ValidateAsync(stranger, "https://issuer.sidecar-agent.invalid", "sidecar-broker")).IsValid);
    }

    [Fact]
    public async Task It_has_the_shape_of_a_projected_token()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1795384252));
        var run = await Operator.RunAsync(
            Operator.Bare() with { Time = clock }, "dev", "token", "shop/default", "--pod", "design2",
            "--pod-uid", "309c0da9-fa96-4929-b7af-5a7d77a5779b", "--node", "node1", "--expires", "10m", "--key-dir", Keys);
        var parts = run.MustSucceed().Lines[0].Split('.').Select(Base64UrlEncoder.Decode).ToArray();
        var header = JsonNode.Parse(parts[0])!.AsObject();
        var claims = JsonNode.Parse(parts[1])!.AsObject();

        // As recorded from an API server of Kubernetes 1.36; what differs from token to token is blanked.
        Assert.Equal(["alg", "kid"], header.Select(m => m.Key));
        Assert.Equal(43, ((string)header["kid"]!).Length);
        Assert.Equal(
            """{"aud":["sidecar-broker"],"exp":1795384852,"iat":1795384252,"iss":"https://issuer.sidecar-agent.invalid","jti":"*","""
            + """ "kubernetes.io":{"namespace":"shop","node":{"name":"node1","uid":"*"},"pod":{"name":"design2","uid":"309c0da9-fa96-4929-b7af-5a7d77a5779b"},""".TrimStart()
            + """ "serviceaccount":{"name":"default","uid":"*"}},"nbf":1795384252,"sub":"system:serviceaccount:shop:default"}""".TrimStart(),
            Blanked(claims, ["jti"], ["kubernetes.io", "node", "uid"], ["kubernetes.io", "serviceaccount", "uid"]));
    }

    [Fact]
    public async Task The_next_token_of_a_pod_is_for_the_same_pod()
    {
        var first = Claims(await TokenAsync("shop/orders", "--pod", "orders-0"));
        var second = Claims(await TokenAsync("shop/orders", "--pod", "orders-0"));
        var neighbour = Claims(await TokenAsync("shop/orders", "--pod", "orders-1"));

        Assert.Equal(PodUid(first), PodUid(second));
        Assert.NotEqual(PodUid(first), PodUid(neighbour));
        Assert.NotEqual((string?)first["jti"], (string?)second["jti"]);
        Assert.True(Guid.TryParse(PodUid(first), out _));
    }

    [Fact]
    public async Task Without_a_pod_the_token_names_none()
    {
        var kubernetes = Claims(await TokenAsync("shop/orders"))["kubernetes.io"]!.AsObject();

        Assert.Equal(["namespace", "serviceaccount"], kubernetes.Select(m => m.Key));
    }

    [Fact]
    public async Task The_key_is_made_once_and_only_its_owner_may_read_it()
    {
        await TokenAsync("shop/orders");
        var key = await File.ReadAllTextAsync(Path.Combine(Keys, "issuer.key"));
        await TokenAsync("shop/orders");

        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(Keys, "issuer.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Keys, "issuer.key")));
        Assert.Equal(["issuer.key", "jwks.json"], Directory.GetFiles(Keys).Select(Path.GetFileName).Order());
        Assert.DoesNotContain("\"d\"", await File.ReadAllTextAsync(Path.Combine(Keys, "jwks.json")));
    }

    [Fact]
    public async Task First_uses_at_the_same_time_agree_on_one_key()
    {
        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => TokenAsync("shop/orders"))));

        Assert.Single(tokens.Select(token => new JsonWebToken(token).Kid).Distinct());
        Assert.True((await ValidateAsync(tokens[0], "https://issuer.sidecar-agent.invalid", "sidecar-broker")).IsValid);
        Assert.Equal(2, Directory.GetFiles(Keys).Length);
    }

    [Fact]
    public async Task A_key_that_others_may_read_is_refused()
    {
        await TokenAsync("shop/orders");
        File.SetUnixFileMode(Path.Combine(Keys, "issuer.key"), UnixFileMode.UserRead | UnixFileMode.GroupRead);

        (await RunAsync("shop/orders")).MustFail(1, "others may read the private key", "chmod 600");
    }

    [Fact]
    public async Task A_file_that_is_no_key_is_refused_and_kept()
    {
        Directory.CreateDirectory(Keys);
        var file = _directory.Write("issuer/issuer.key", "not a key");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await RunAsync("shop/orders")).MustFail(1, "does not hold the private key");
        Assert.Equal("not a key", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_jwks_that_was_lost_is_written_again()
    {
        await TokenAsync("shop/orders");
        File.Delete(Path.Combine(Keys, "jwks.json"));

        var token = await TokenAsync("shop/orders");

        Assert.True((await ValidateAsync(token, "https://issuer.sidecar-agent.invalid", "sidecar-broker")).IsValid);
    }

    [Fact]
    public async Task The_document_says_where_the_broker_finds_the_keys()
    {
        var run = await RunAsync("shop/orders", "-o", "json");

        Assert.Equal(Path.Combine(Keys, "jwks.json"), (string?)run.MustSucceed().Json["jwksFile"]);
        Assert.Equal(3, ((string)run.Json["token"]!).Split('.').Length);
    }

    [Fact]
    public async Task Without_a_directory_the_key_is_kept_with_the_users_configuration()
    {
        var surroundings = Operator.Bare() with { Variable = name => name == "HOME" ? _directory.FullName : null };

        (await Operator.RunAsync(surroundings, "dev", "token", "shop/orders")).MustSucceed();

        Assert.True(File.Exists(_directory.File(".config/sidecarctl/issuer/jwks.json")));
    }

    private Task<Run> RunAsync(params string[] arguments) =>
        Operator.RunAsync(Operator.Bare(), ["dev", "token", .. arguments, "--key-dir", Keys]);

    private async Task<string> TokenAsync(params string[] arguments) =>
        Assert.Single((await RunAsync(arguments)).MustSucceed().Lines);

    private async Task<TokenValidationResult> ValidateAsync(string token, string issuer, string audience) =>
        await new JsonWebTokenHandler().ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = audience,
            ValidAlgorithms = ["RS256"],
            IssuerSigningKeys = new JsonWebKeySet(await File.ReadAllTextAsync(Path.Combine(Keys, "jwks.json"))).GetSigningKeys(),
        });

    private static JsonObject Claims(string token) =>
        JsonNode.Parse(Base64UrlEncoder.Decode(token.Split('.')[1]))!.AsObject();

    private static string? PodUid(JsonObject claims) => (string?)claims["kubernetes.io"]!["pod"]!["uid"];

    private static string Blanked(JsonObject claims, params string[][] paths)
    {
        foreach (var path in paths)
        {
            var parent = path[..^1].Aggregate((JsonNode)claims, (node, name) => node[name]!);
            Assert.True(Guid.TryParse((string?)parent[path[^1]], out _));
            parent[path[^1]] = "*";
        }

        return claims.ToJsonString();
    }
}
