using SidecarAgent.Ctl.Tests.FakeBroker;
using SidecarAgent.V1;

namespace SidecarAgent.Ctl.Tests.Secrets;

public sealed class SecretPutCommandTests : IAsyncLifetime
{
    private Operator _operator = null!;

    public async Task InitializeAsync() => _operator = await Operator.CreateAsync();

    public Task DisposeAsync() => _operator.DisposeAsync().AsTask();

    [Fact]
    public async Task A_file_and_standard_input_give_their_exact_bytes()
    {
        byte[] bytes = [0, 0xFF, (byte)'\n', (byte)'x'];
        var file = _operator.Directory.File("key.der");
        await File.WriteAllBytesAsync(file, bytes);
        _operator.Surroundings = _operator.Surroundings with { Input = new MemoryStream([1, 2, 3]) };

        var run = await _operator.RunAsync("secret", "put", "kv/shop/orders", $"key=@{file}", "pin=-");

        Assert.Equal(["kv/shop/orders: version 3 is stored and served"], run.MustSucceed().Lines);
        var request = _operator.Broker.Only<PutSecretRequest>();
        Assert.Equal("kv/shop/orders", request.Path);
        Assert.Equal(bytes, Field(request, "key").Value.ToByteArray());
        Assert.Equal([1, 2, 3], Field(request, "pin").Value.ToByteArray());
        Assert.All(request.Fields, field => Assert.Equal(FieldClass.Secret, field.Class));
        Assert.False(request.HasExpectedVersion);
    }

    [Theory]
    [InlineData("secret", "put", "kv/shop/orders", "pin=-")]
    [InlineData("inject", "-f", "-")]
    public async Task Waiting_for_standard_input_can_be_interrupted(params string[] arguments)
    {
        using var input = new SilentInput();
        using var interrupt = new CancellationTokenSource();
        var root = CommandLine.CreateRoot(_operator.Surroundings with { Input = input });

        var run = Task.Run(() => root.Parse(arguments)
            .InvokeAsync(new() { EnableDefaultExceptionHandler = false }, interrupt.Token));
        await input.Asked;
        await interrupt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(_operator.Broker.All<PutSecretRequest>());
    }

    [Fact]
    public async Task A_value_on_the_command_line_is_sent_with_a_warning_that_does_not_repeat_it()
    {
        var run = await _operator.RunAsync("secret", "put", "kv/shop/orders", $"password={Recorded.SecretValue}", "user=orders", "--identifier", "user");

        Assert.Equal(0, run.Code);
        Assert.Contains("warning: the value of 'password' stands on the command line", run.Error);
        Assert.Contains("password=@FILE or password=-", run.Error);
        Assert.DoesNotContain("'user'", run.Error);
        Assert.DoesNotContain("hunter2", run.Output + run.Error);
        var request = _operator.Broker.Only<PutSecretRequest>();
        Assert.Equal(Recorded.SecretValue, Field(request, "password").Value.ToStringUtf8());
        Assert.Equal(FieldClass.Identifier, Field(request, "user").Class);
    }

    [Fact]
    public async Task Generated_fields_carry_length_and_alphabet_and_no_value()
    {
        await _operator.RunAsync("secret", "put", "kv/a", "--generate", "a", "--generate", "b=64", "--alphabet", "xyz");

        var request = _operator.Broker.Only<PutSecretRequest>();
        Assert.Equal(new Generator { Length = 0, Alphabet = "xyz" }, Field(request, "a").Generate);
        Assert.Equal(new Generator { Length = 64, Alphabet = "xyz" }, Field(request, "b").Generate);
        Assert.All(request.Fields, field => Assert.False(field.HasValue));
    }

    [Theory]
    [InlineData("a=hex", Generator.Types.Kind.Hex, 0)]
    [InlineData("a=base64:48", Generator.Types.Kind.Base64, 48)]
    [InlineData("a=rsa:4096", Generator.Types.Kind.Rsa, 4096)]
    [InlineData("a=ed25519", Generator.Types.Kind.Ed25519, 0)]
    public async Task A_generated_field_can_be_of_another_kind(string argument, Generator.Types.Kind kind, uint length)
    {
        await _operator.RunAsync("secret", "put", "kv/a", "--generate", argument);

        Assert.Equal(new Generator { Kind = kind, Length = length }, Field(_operator.Broker.Only<PutSecretRequest>(), "a").Generate);
    }

    [Fact]
    public async Task Rules_are_for_texts()
    {
        await _operator.RunAsync("secret", "put", "kv/a", "--generate", "a", "--generate", "b=uuid", "--at-least", "2:0123456789");

        var request = _operator.Broker.Only<PutSecretRequest>();
        Assert.Equal(2U, Assert.Single(Field(request, "a").Generate.AtLeast).Count);
        Assert.Empty(Field(request, "b").Generate.AtLeast);
    }

    [Theory]
    [InlineData("a=md5")]
    [InlineData("a=hex:")]
    [InlineData("a=rsa:1024")]
    [InlineData("a=uuid:3")]
    [InlineData("a=-1")]
    public async Task A_generator_that_is_not_there_is_a_wrong_use(string argument)
    {
        var run = await _operator.RunAsync("secret", "put", "kv/a", "--generate", argument);

        run.MustFail(2);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    public async Task An_expected_version_is_sent_even_if_it_is_zero(string typed, ulong expected)
    {
        await _operator.RunAsync("secret", "put", "kv/a", "--generate", "a", "--expect-version", typed);

        var request = _operator.Broker.Only<PutSecretRequest>();
        Assert.True(request.HasExpectedVersion);
        Assert.Equal(expected, request.ExpectedVersion);
    }

    [Fact]
    public async Task An_inactive_version_says_how_to_serve_it()
    {
        var run = await _operator.RunAsync("secret", "put", "kv/a", "--generate", "a", "--inactive");

        Assert.True(_operator.Broker.Only<PutSecretRequest>().Inactive);
        Assert.Contains("'sidecarctl secret activate kv/a 3'", run.MustSucceed().Output);
    }

    [Fact]
    public async Task A_terminal_is_asked_for_the_value_without_echo()
    {
        var prompts = new List<string>();
        _operator.Surroundings = _operator.Surroundings with
        {
            ReadHidden = prompt =>
            {
                prompts.Add(prompt);
                return Recorded.SecretValue;
            },
        };

        var run = await _operator.RunAsync("secret", "put", "kv/a", "password=-");

        Assert.Equal(["password: "], prompts);
        Assert.Equal(Recorded.SecretValue, Field(_operator.Broker.Only<PutSecretRequest>(), "password").Value.ToStringUtf8());
        Assert.DoesNotContain("hunter2", run.MustSucceed().Output);
    }

    [Theory]
    [InlineData("one line\n", true)]
    [InlineData("one line", false)]
    [InlineData("-----BEGIN\nEND-----\n", false)]
    public async Task A_lone_newline_at_the_end_is_kept_and_noted(string input, bool noted)
    {
        _operator.Surroundings = _operator.Surroundings with { Input = Operator.Bare(input).Input };

        var run = await _operator.RunAsync("secret", "put", "kv/a", "password=-");

        Assert.Equal(input, Field(_operator.Broker.Only<PutSecretRequest>(), "password").Value.ToStringUtf8());
        Assert.Equal(noted, run.Error.StartsWith("note: the value of 'password' ends with a newline", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_answer_is_a_document_too()
    {
        var json = await _operator.RunAsync("secret", "put", "kv/a", "--generate", "a", "-o", "json");

        var document = json.MustSucceed().Json;
        Assert.Equal("kv/a", (string?)document["path"]);
        Assert.Equal(3, (int?)document["version"]);
        Assert.True((bool?)document["active"]);
    }

    [Theory]
    [InlineData(64 * 1024 + 1, "'big' has more than 65536 bytes")]
    [InlineData(0, "the value of 'big' is empty")]
    public async Task A_value_that_no_field_may_have_is_refused_before_anything_is_sent(int bytes, string saying)
    {
        var file = _operator.Directory.File("big");
        await File.WriteAllBytesAsync(file, new byte[bytes]);

        var run = await _operator.RunAsync("secret", "put", "kv/a", $"big=@{file}");

        run.MustFail(1, saying);
        Assert.Empty(_operator.Broker.All<PutSecretRequest>());
    }

    [Fact]
    public async Task Values_that_are_too_large_together_are_refused()
    {
        var file = _operator.Directory.File("big");
        await File.WriteAllBytesAsync(file, new byte[64 * 1024]);

        var run = await _operator.RunAsync(["secret", "put", "kv/a", .. Enumerable.Range(0, 5).Select(i => $"f{i}=@{file}")]);

        run.MustFail(1, "262144 bytes together");
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var run = await _operator.RunAsync("secret", "put", "kv/a", "key=@/nonexistent/key.pem");

        run.MustFail(1, "the file for 'key' cannot be read", "/nonexistent/key.pem");
    }

    private static NewField Field(PutSecretRequest request, string name) => request.Fields.Single(f => f.Name == name);
}
