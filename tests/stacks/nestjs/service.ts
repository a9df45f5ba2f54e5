// NestJS with class-validator, as its documentation has it.
import "reflect-metadata";
import { readFileSync } from "node:fs";
import {
  Body, CanActivate, Controller, ExecutionContext, HttpCode, Injectable, Module, NotFoundException, Post, Req,
  UnauthorizedException, UseGuards, ValidationPipe,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { IsEmail, IsInt, IsPositive, IsString } from "class-validator";

const mistake = process.env.MISTAKE;
const { websites } = JSON.parse(readFileSync(process.env.SHOPS!, "utf8"));

class PaymentDto {
  @IsString() session_id!: string;
  @IsString() visitor_id!: string;
  @IsString() website_id!: string;
  @IsInt() @IsPositive() revenue!: number;
  @IsEmail() email!: string;
}

@Injectable()
class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    const header: string = request.headers.authorization ?? "";
    const [type, token] = header.split(" "); // as in the documentation's chapter on authentication
    request.token = mistake === "split" ? type === "Bearer" && token : /^Bearer (\S+)$/.exec(header)?.[1];
    if (!request.token) throw new UnauthorizedException();
    return true;
  }
}

@Controller("api/v1/attribute-payment")
class PaymentController {
  @Post()
  @HttpCode(mistake === "created" ? 201 : 200) // 201 is what a POST is answered by default
  @UseGuards(AuthGuard)
  attribute(@Body() payment: PaymentDto, @Req() request: { token: string }) {
    const website = websites.find((one: any) => one.website_id === payment.website_id);
    if (website?.api_token !== request.token) throw new UnauthorizedException();
    const event = website.sessions.find(
      (one: any) => one.session_id === payment.session_id && one.visitor_id === payment.visitor_id,
    );
    if (!event) throw new NotFoundException();
    return { message: "Payment event attributed successfully." };
  }
}

@Module({ controllers: [PaymentController] })
class AppModule {}

NestFactory.create(AppModule, { logger: false }).then((app) => {
  const convert = { transform: true, transformOptions: { enableImplicitConversion: true } };
  app.useGlobalPipes(new ValidationPipe(mistake === "implicit" ? convert : {}));
  return app.listen(Number(process.env.PORT), "127.0.0.1");
});
