using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests.Connection;

public sealed class BrokerConnectionTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TestCertificates _certificates;
    private readonly string _token;

    public BrokerConnectionTests()
    {
        _certificates = new TestCertificates(_directory.FullName);
        _token = _directory.Write("token", "aaa.bbb.ccc\n");
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Over_tls_the_token_goes_along()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);

        var run = await RunAsync("--broker", host.Address, "--ca-file", _certificates.CaFile, "--token-file", _token);

        Assert.Equal(3, run.MustSucceed().Lines.Length);
        Assert.Equal("Bearer aaa.bbb.ccc", host.Broker.Authorization);
    }

    [Fact]
    public async Task Variables_stand_in_for_options()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);
        var surroundings = Operator.Bare() with
        {
            Variable = name => name switch
            {
                "SIDECARCTL_BROKER" => host.Address,
                "SIDECARCTL_CA_FILE" => _certificates.CaFile,
                "SIDECARCTL_TOKEN_FILE" => _token,
                _ => null,
            },
        };

        (await Operator.RunAsync(surroundings, "secret", "list")).MustSucceed();
    }

    [Fact]
    public async Task Over_the_socket_no_token_is_sent()
    {
        await using var host = await BrokerHost.OnSocketAsync(_directory.File("admin.sock"));

        (await RunAsync("--broker", host.Address, "--token-file", _token)).MustSucceed();

        Assert.Null(host.Broker.Authorization);
    }

    [Fact]
    public async Task A_certificate_of_another_ca_is_not_trusted()
    {
        using var elsewhere = TempDirectory.Create();
        using var others = new TestCertificates(elsewhere.FullName);
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);

        var run = await RunAsync("--broker", host.Address, "--ca-file", others.CaFile, "--token-file", _token);

        run.MustFail(4, $"no TLS with the broker at {host.Address}", "check --ca-file");
        Assert.Null(host.Broker.Authorization);
    }

    [Fact]
    public async Task A_certificate_of_the_systems_cas_is_expected_where_none_is_named()
    {
        await using var host = await BrokerHost.OnTlsAsync(_certificates.Server);

        (await RunAsync("--broker", host.Address, "--token-file", _token)).MustFail(4, "no TLS with the broker");
    }

    [Fact]
    public async Task A_socket_that_is_not_there_is_not_reached()
    {
        var missing = _directory.File("none.sock");

        (await RunAsync("--broker", $"unix://{missing}")).MustFail(4, $"there is no socket unix://{missing}", "--broker");
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_is_not_reached()
    {
        var path = _directory.File("admin.sock");
        using (var left = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified))
        {
            left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        }

        File.WriteAllText(path + ".keep", "");
        (await RunAsync("--broker", $"unix://{path}")).MustFail(4, "admin.sock", "--broker");
    }

    [Fact]
    public async Task A_host_without_an_address_is_not_reached()
    {
        (await RunAsync("--broker", "https://nowhere.invalid:8443", "--token-file", _token)).MustFail(4, "check --broker");
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_in_time_is_not_reached()
    {
        await using var host = await BrokerHost.OnSocketAsync(_directory.File("admin.sock"));

        // By this clock, every deadline is long over.
        var surroundings = Operator.Bare() with { Time = new FakeTimeProvider(DateTimeOffset.UnixEpoch) };
        var run = await Operator.RunAsync(surroundings, "secret", "list", "--broker", host.Address, "--timeout", "90s");

        run.MustFail(4, "did not answer within 90s", "look whether it did");
    }

    [Fact]
    public async Task A_token_file_that_holds_no_token_is_not_sent()
    {
        var file = _directory.Write("not-a-token", "pass word\r\nX-Header: 1");

        var run = await RunAsync("--broker", "https://127.0.0.1:1", "--token-file", file);

        run.MustFail(1, "does not hold a JWT");
        Assert.DoesNotContain("pass word", run.Error);
    }

    [Theory]
    [InlineData("/nonexistent/token", "the token file cannot be read")]
    [InlineData("/dev/zero", "larger than 16384 bytes")]
    [InlineData("/dev/null", "does not hold a JWT")]
    public async Task A_token_file_that_cannot_be_used_says_why(string file, string saying) =>
        (await RunAsync("--broker", "https://127.0.0.1:1", "--token-file", file)).MustFail(1, saying);

    [Theory]
    [InlineData("/nonexistent/ca.crt", "the CA file cannot be read")]
    [InlineData("/dev/null", "holds no certificate in PEM form")]
    public async Task A_ca_file_that_cannot_be_used_says_why(string file, string saying) =>
        (await RunAsync("--broker", "https://127.0.0.1:1", "--token-file", _token, "--ca-file", file)).MustFail(1, saying);

    private static Task<Run> RunAsync(params string[] options) =>
        Operator.RunAsync(Operator.Bare(), ["secret", "list", .. options]);
}
